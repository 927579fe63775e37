//! The push engine on scripted routers: what it does when all goes well, when something fails, when someone stops it, and
//! when it dies. No test waits.

mod endings;
mod faults;
mod world;
