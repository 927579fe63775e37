//! JSON in and out of server functions, strict on the way in: what does not parse is refused with its path and its
//! position.

use serde::{Serialize, de::DeserializeOwned};
use server_fn::{
    Bytes, ContentType, Decodes, Encodes, Format, FormatType,
    codec::{JsonEncoding, Post},
};

/// Arguments and result as JSON in the bodies of a POST.
pub type Json = Post<PlainJson>;

/// See [`Json`].
#[derive(Debug)]
pub struct PlainJson;

impl ContentType for PlainJson {
    const CONTENT_TYPE: &'static str = JsonEncoding::CONTENT_TYPE;
}

impl FormatType for PlainJson {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for PlainJson {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, serde_json::Error> {
        JsonEncoding::encode(value)
    }
}

impl<T: DeserializeOwned> Decodes<T> for PlainJson {
    type Error = String;

    #[cfg(feature = "ssr")]
    fn decode(bytes: Bytes) -> Result<T, String> {
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let value =
            serde_path_to_error::deserialize(&mut reader).map_err(|error| match error.path().to_string().as_str() {
                "." | "?" => error.inner().to_string(),
                path => format!("{path}: {}", error.inner()),
            })?;
        reader.end().map_err(|error| error.to_string())?;
        Ok(value)
    }

    #[cfg(not(feature = "ssr"))]
    fn decode(bytes: Bytes) -> Result<T, String> {
        JsonEncoding::decode(bytes).map_err(|error| error.to_string())
    }
}
