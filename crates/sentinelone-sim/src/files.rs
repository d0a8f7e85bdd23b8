//! The files that answers have the URLs of. They are on a host of their own, as those of a console.

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Method, Request, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::answer::Answer;
use crate::console::Console;
use crate::problem::Refusal;
use crate::synth::{Random, Stream};

const FOLDER: &str = "/files/";

/// The one sort of file that has something in it: an archive without entries.
const ZIP: &str = "application/zip";
const ARCHIVE: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// The URL of the file of an item, which holds all that is needed to get it.
pub(crate) fn url(console: &Console, media_type: &str, id: &str) -> String {
    // The same address by another name, so that it is another host to a client.
    let host = console.url.replacen("127.0.0.1", "localhost", 1);
    let ending = if media_type == ZIP { ".zip" } else { "" };
    let name = format!("{}{ending}", utf8_percent_encode(id, NON_ALPHANUMERIC));
    format!("{host}{FOLDER}{name}?signature={}", signature(console, &name))
}

/// The file that is asked for, if it is one.
pub(crate) fn find(console: &Console, request: &Request<Bytes>) -> Option<Result<Answer, Refusal>> {
    let name = request.uri().path().strip_prefix(FOLDER)?;
    Some(file(console, name, request))
}

fn file(console: &Console, name: &str, request: &Request<Bytes>) -> Result<Answer, Refusal> {
    if request.method() != Method::GET {
        return Err(Refusal::method_not_allowed(Method::GET.to_string()));
    }
    if request.headers().contains_key(AUTHORIZATION) {
        return Err(Refusal::invalid(vec!["the URL is signed, and takes no token".to_owned()]));
    }
    if request.uri().query() != Some(&format!("signature={}", signature(console, name))) {
        return Err(Refusal::unauthenticated());
    }
    let (media_type, body) = match name.ends_with(".zip") {
        true => (ZIP, ARCHIVE),
        false => ("application/octet-stream", &[][..]),
    };
    Ok(Answer { status: StatusCode::OK, media_type, body: body.to_vec() })
}

fn signature(console: &Console, name: &str) -> String {
    let stream = [console.seed, Stream::Signature as u64];
    let words = stream.into_iter().chain(name.bytes().map(u64::from));
    Random::new(&words.collect::<Vec<_>>()).hex(32)
}
