//! How things are named. The lint pass has a say in names of schemas.

use heck::ToLowerCamelCase;

use crate::lint::{Kind, Lint, Node, text};
use crate::pointer::escaped;

pub(super) fn check(lint: &mut Lint, nodes: &[Node]) {
    for Node { pointer, kind, value } in nodes {
        match kind {
            Kind::Operation => {
                let id = text(value, "operationId").unwrap_or_default();
                let camel = id.to_lower_camel_case();
                if id != camel {
                    let problem = format!("`{id}` is not in lower camel case");
                    lint.fault(
                        &format!("{pointer}/operationId"),
                        problem,
                        format!("write `{camel}`"),
                    );
                }
            }
            Kind::Tag => {
                let name = text(value, "name").unwrap_or_default();
                let lower = name.to_lowercase();
                if name != lower {
                    let problem = format!("the tag `{name}` is not in lower case");
                    let remedy = format!("write `{lower}`, here and in the operations");
                    lint.fault(&format!("{pointer}/name"), problem, remedy);
                }
            }
            Kind::Parameter => {
                let Some(key) = pointer.strip_prefix("/components/parameters/") else { continue };
                let name = text(value, "name").unwrap_or_default();
                // What two tags call by the same name goes by `tag.name`.
                let is_its_own =
                    key == escaped(name) || key.ends_with(&format!(".{}", escaped(name)));
                if !name.is_empty() && !is_its_own {
                    let problem = format!("the parameter `{name}` is kept under another name");
                    let remedy =
                        format!("rename it to `{name}` or `TAG.{name}`, here and in each `$ref`");
                    lint.fault(pointer, problem, remedy);
                }
            }
            _ => {}
        }
    }
}
