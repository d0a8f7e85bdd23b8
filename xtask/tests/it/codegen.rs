//! `cargo xtask codegen` as a program: what it prints, what it writes, how it exits.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::widgets::texts;

/// A spec in a directory of its own, with the crate that codegen has made of it.
struct Project {
    dir: PathBuf,
}

impl Project {
    fn new(name: &str) -> Project {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).expect("a directory");
        for (file, text) in texts() {
            fs::write(dir.join(file), text).expect("the spec");
        }
        Project { dir }
    }

    fn codegen(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("codegen")
            .args(["--spec".as_ref(), self.dir.join("widgets.yaml").as_os_str()])
            .args(["--out".as_ref(), self.dir.join("crate").as_os_str()])
            .args(arguments)
            .output()
            .expect("xtask runs")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.join("crate").join(name)
    }

    fn edit(&self, name: &str, edit: impl Fn(&str) -> String) {
        let path = self.file(name);
        let text = fs::read_to_string(&path).expect("a file");
        fs::write(path, edit(&text)).expect("a file");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_run_says_what_it_did() {
    let project = Project::new("a_run_says_what_it_did");
    let output = project.codegen(&[]);
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(shown.contains("create  "), "{shown}");
    assert!(
        shown.contains(
            "10 operations, 26 parameters, 19 types, 2 enums; 37 files written, 0 unchanged; "
        ),
        "{shown}"
    );

    let shown = text(&project.codegen(&[]).stdout);
    assert!(shown.contains("0 files written, 37 unchanged; "), "{shown}");
    assert_eq!(shown.lines().count(), 1, "{shown}");
}

#[test]
fn check_is_green_after_codegen() {
    let project = Project::new("check_is_green_after_codegen");
    project.codegen(&[]);
    assert!(project.codegen(&["--check"]).status.success());
}

#[test]
fn check_names_what_is_stale_and_writes_nothing() {
    let project = Project::new("check_names_what_is_stale");
    project.codegen(&[]);
    let check = |file: &str, expect: &str| {
        let before = fs::read(project.file(file)).ok();
        let output = project.codegen(&["--check"]);
        let (shown, error) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{file}");
        assert!(shown.contains(expect), "{file}: {shown}");
        let path = project.file(file).display().to_string();
        assert!(error.contains(&path) && error.contains("run `cargo xtask codegen`"), "{error}");
        assert_eq!(fs::read(project.file(file)).ok(), before, "{file} was written");
        project.codegen(&[]);
        assert!(project.codegen(&["--check"]).status.success(), "{file} was not repaired");
    };
    for file in ["Cargo.toml", "src/lib.rs", "src/widgets/queries.rs"] {
        project.edit(file, |text| text.replacen('e', "E", 1));
        check(file, "\n@@ ");
        project.edit(file, |text| format!("{text}\n"));
        check(file, "\n@@ ");
        fs::remove_file(project.file(file)).expect("a file");
        check(file, "--- /dev/null");
    }
    fs::write(project.file("src/widgets/old.rs"), "// left over\n").expect("a file");
    check("src/widgets/old.rs", "+++ /dev/null");
    assert!(!project.file("src/widgets/old.rs").exists(), "codegen removes what it does not write");
}

#[test]
fn a_checkout_with_other_line_ends_is_not_stale() {
    let project = Project::new("other_line_ends");
    project.codegen(&[]);
    project.edit("src/lib.rs", |text| text.replace('\n', "\r\n"));
    let spec = project.dir.join("widgets.yaml");
    let text = fs::read_to_string(&spec).expect("the spec").replace('\n', "\r\n");
    fs::write(spec, text).expect("the spec");
    assert!(project.codegen(&["--check"]).status.success());
}

#[test]
fn every_file_of_the_spec_counts() {
    let project = Project::new("every_file_of_the_spec_counts");
    project.codegen(&[]);
    let gadgets = project.dir.join("gadgets.yaml");
    let good = fs::read_to_string(&gadgets).expect("a file of the spec");
    fs::write(&gadgets, format!("{good}# More.\n")).expect("a file of the spec");
    assert_eq!(project.codegen(&["--check"]).status.code(), Some(1));
    project.codegen(&[]);
    assert!(project.codegen(&["--check"]).status.success());

    fs::write(&gadgets, good.replace("nullable", "nulable")).expect("a file of the spec");
    let error = text(&project.codegen(&[]).stderr);
    let place = format!("{}:", gadgets.display());
    assert!(error.contains(&place) && error.contains("`nulable`"), "{error}");

    fs::remove_file(&gadgets).expect("a file of the spec");
    let error = text(&project.codegen(&[]).stderr);
    assert!(error.contains("`gadgets.yaml` cannot be read: "), "{error}");
}

#[test]
fn a_bad_spec_is_an_error_and_writes_nothing() {
    let project = Project::new("a_bad_spec");
    let spec = project.dir.join("widgets.yaml");
    let good = fs::read_to_string(&spec).expect("the spec");
    fs::write(&spec, good.replace("explode: false", "explod: false")).expect("the spec");
    let output = project.codegen(&[]);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("widgets.yaml:") && error.contains("`explod`"), "{error}");
    assert!(!project.dir.join("crate").exists());

    fs::remove_file(&spec).expect("the spec");
    let output = project.codegen(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot be read"), "{}", text(&output.stderr));
}
