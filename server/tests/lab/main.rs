//! The binary against FRR, BIRD and OpenBGPD themselves: what an operator does on the command line and in the browser, what goes
//! wrong on the way, and that nothing of it tells a secret. Without the lab the test says so and ends.

#[path = "../../devices/tests/lab/lab.rs"]
#[allow(dead_code, reason = "the tests of the drivers use the rest")]
mod lab;
mod office;
mod routers;
#[path = "../process/running.rs"]
#[allow(dead_code, reason = "the tests of the process use the rest")]
mod running;
