//! Pushes and logins against FRR, BIRD and OpenBGPD themselves. Each router has a test of its own, which goes through its
//! cases one after another; they run side by side and take about two minutes. Without the lab they say so and end.

mod routers;
mod world;
