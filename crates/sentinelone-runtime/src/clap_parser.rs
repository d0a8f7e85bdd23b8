use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};

/// A `clap` value parser for an open enum: completes the known values, takes any.
#[doc(hidden)]
#[derive(Debug)]
pub struct OpenEnumParser<T: 'static> {
    known: &'static [T],
    as_str: fn(&T) -> &str,
}

impl<T> OpenEnumParser<T> {
    #[doc(hidden)]
    pub fn new(known: &'static [T], as_str: fn(&T) -> &str) -> Self {
        OpenEnumParser { known, as_str }
    }
}

impl<T> Clone for OpenEnumParser<T> {
    fn clone(&self) -> Self {
        OpenEnumParser { known: self.known, as_str: self.as_str }
    }
}

impl<T> TypedValueParser for OpenEnumParser<T>
where
    T: for<'a> From<&'a str> + Clone + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let text = clap::builder::StringValueParser::new().parse_ref(command, argument, value)?;
        Ok(T::from(&text))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let as_str = self.as_str;
        let known: &'static [T] = self.known;
        Some(Box::new(known.iter().map(move |value| PossibleValue::new(as_str(value)))))
    }
}
