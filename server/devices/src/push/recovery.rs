//! After a crash: what became of a push that was under way. Looking changes nothing; going back is a second, separate call.

use crate::{DeviceError, Driver, PushId, Trace, Undo};
use serde::Serialize;

/// What the device says of a push.
#[derive(Debug, Clone, Serialize)]
pub struct Recovery {
    pub trace: Trace,
    /// For a person.
    pub words: String,
    /// Whether it is over: nothing more will happen by itself.
    pub settled: bool,
}

/// Look what became of a push. It never confirms: whether the sessions are well was not seen by anyone.
pub async fn recover(driver: &dyn Driver, push: &PushId) -> Result<Recovery, DeviceError> {
    let mut device = driver.connect().await?;
    let trace = device.trace(push).await;
    device.close().await;
    let trace = trace?;
    let (words, settled) = match &trace {
        Trace::Unknown => ("the device knows nothing of it, so it was not changed".into(), true),
        Trace::Loaded => ("the configuration was brought to the device and never applied".into(), true),
        Trace::Pending { applied: true, seconds_left } => {
            (format!("it was applied and not confirmed; the device takes it back in {seconds_left} seconds"), false)
        }
        Trace::Pending { applied: false, seconds_left } => {
            (format!("it was not applied; the timer on the device still runs for {seconds_left} seconds"), false)
        }
        Trace::Confirmed { persistent: true } => ("it was confirmed and survives a reboot".into(), true),
        Trace::Confirmed { persistent: false } => {
            ("it was confirmed, but was not made to survive a reboot".into(), true)
        }
        Trace::Undone { by: Undo::Timer } => {
            ("nobody confirmed it, and the device took it back by itself".into(), true)
        }
        Trace::Undone { by: Undo::Us } => ("it was taken back".into(), true),
        Trace::Undone { by: Undo::Reboot } => {
            ("the device has rebooted since, with its former configuration".into(), true)
        }
        Trace::Undoing { words } => (format!("it is being taken back, or could not be ({words})"), false),
        Trace::TimerLost { .. } => (
            "it was not confirmed, and the timer that should take it back is gone: look at the device, or take it back"
                .into(),
            false,
        ),
    };
    Ok(Recovery { trace, words, settled })
}

/// Take a push back that is not confirmed, or was.
pub async fn undo(driver: &dyn Driver, push: &PushId) -> Result<Recovery, DeviceError> {
    let mut device = driver.connect().await?;
    let done = match device.trace(push).await {
        Ok(Trace::Unknown | Trace::Loaded | Trace::Undone { .. }) => Ok(()),
        Ok(Trace::Pending { applied: false, .. }) => device.discard(push).await,
        Ok(_) => device.roll_back(push).await,
        Err(error) => Err(error),
    };
    device.close().await;
    done?;
    recover(driver, push).await
}
