//! What a render lacks. The words are `model`'s, because server and browser speak them too.

pub use peerage_model::Need;
