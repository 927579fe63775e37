//! A small line of figures, hour by hour: how high is not read from it, only how it went. The words beside it say what it is.

use leptos::prelude::*;

/// Width and height of the drawing; the style sheet says how large it is.
const WIDTH: f64 = 100.0;
const HEIGHT: f64 = 16.0;

/// A line through figures; where one is not known it has a gap.
#[component]
pub fn Spark(
    values: Vec<Option<f64>>,
    /// What it shows, for those who do not see it.
    #[prop(into)]
    label: String,
    #[prop(default = "spark")] class: &'static str,
) -> impl IntoView {
    let path = path(&values);
    view! {
        <svg class=class viewBox=format!("0 -1 {WIDTH} {}", HEIGHT + 2.0) preserveAspectRatio="none" role="img" aria-label=label>
            <path d=path />
        </svg>
    }
}

fn path(values: &[Option<f64>]) -> String {
    let known = || values.iter().flatten().copied();
    let low = known().fold(f64::INFINITY, f64::min).min(0.0);
    let high = known().fold(f64::NEG_INFINITY, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let step = WIDTH / (values.len().max(2) - 1) as f64;
    let mut path = String::new();
    let mut pen_is_down = false;
    for (at, value) in values.iter().enumerate() {
        let Some(value) = value else {
            pen_is_down = false;
            continue;
        };
        let (x, y) = (at as f64 * step, HEIGHT - (value - low) / span * HEIGHT);
        let alone = !pen_is_down && values.get(at + 1).is_none_or(Option::is_none);
        path.push_str(&format!("{}{x:.1} {y:.1}", if pen_is_down { "L" } else { "M" }));
        if alone {
            path.push_str("h.1");
        }
        pen_is_down = true;
    }
    path
}
