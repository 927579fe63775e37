//! What saved answers of devices say. Those of other projects lie beside the checkout and are never copied into it; without
//! them their tests say so and end. Our own examples are made up here.

mod anything;
mod made_up;
mod shared;
