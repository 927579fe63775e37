//! Pushes and logins against FRR, BIRD and OpenBGPD themselves. Each router goes through its cases one after another; the
//! three go side by side and take about a minute and a half. Without the lab the test says so and ends.

mod lab;
mod routers;
mod world;
