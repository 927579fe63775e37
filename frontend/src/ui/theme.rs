//! Colours, density and single-key shortcuts: the person's own choices, kept in this browser and said to the style
//! sheets by attributes of `<html>`. The page's HTML sets them before anything is drawn; here they change. Colours and density
//! are kept on the server as well: the root component holds the two together.

use crate::ui::{Entry, Item, Menu, dom};
use leptos::prelude::*;

/// The choices, in context.
#[derive(Clone, Copy)]
pub struct Theme {
    /// `light`, `dark` or `auto`.
    pub colours: RwSignal<&'static str>,
    /// `compact`, `normal` or `roomy`.
    pub density: RwSignal<&'static str>,
}

const COLOURS: &[(&str, &str, &str)] =
    &[("auto", "As the system", "auto"), ("light", "Light", "sun"), ("dark", "Dark", "moon")];
const DENSITIES: &[(&str, &str)] = &[("compact", "Compact rows"), ("normal", "Normal rows"), ("roomy", "Roomy rows")];

impl Theme {
    /// Reads what was chosen before, applies it and puts it into context.
    pub fn provide() -> Self {
        let known = |name: &str, of: &[&'static str]| {
            let stored = dom::stored(name).unwrap_or_default();
            of.iter().copied().find(|known| *known == stored)
        };
        let colours = RwSignal::new(known("theme", &COLOURS.map_codes()).unwrap_or("auto"));
        let density = RwSignal::new(known("density", &DENSITIES.map_codes()).unwrap_or("normal"));
        let theme = Self { colours, density };
        Effect::new(move |_| {
            apply("data-theme", theme.colours.get());
            apply("data-density", theme.density.get());
            // known before the first long table, when little has to be worked out for it
            dom::row_height();
        });
        provide_context(theme);
        theme
    }

    pub fn get() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Takes choices that were made elsewhere; what is not known stays as it is.
    pub fn follow(self, colours: &str, density: &str) {
        for (codes, chosen, set) in [
            (COLOURS.map_codes(), colours, Self::set_colours as fn(Self, &'static str)),
            (DENSITIES.map_codes(), density, Self::set_density),
        ] {
            if let Some(code) = codes.into_iter().find(|code| *code == chosen) {
                set(self, code);
            }
        }
    }

    pub fn set_colours(self, code: &'static str) {
        dom::store("theme", code);
        self.colours.set(code);
    }

    pub fn set_density(self, code: &'static str) {
        dom::store("density", code);
        self.density.set(code);
    }
}

trait Codes {
    fn map_codes(&self) -> Vec<&'static str>;
}
impl Codes for [(&'static str, &'static str, &'static str)] {
    fn map_codes(&self) -> Vec<&'static str> {
        self.iter().map(|entry| entry.0).collect()
    }
}
impl Codes for [(&'static str, &'static str)] {
    fn map_codes(&self) -> Vec<&'static str> {
        self.iter().map(|entry| entry.0).collect()
    }
}

fn apply(attribute: &str, value: &str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute(attribute, value);
    }
}

/// The menu in the bar above.
#[component]
pub fn ThemeMenu() -> impl IntoView {
    let theme = Theme::get();
    let entries = Signal::derive(move || {
        let mut entries = vec![Entry::Head("Colours")];
        entries.extend(COLOURS.iter().map(|(code, label, icon)| {
            Item::new(*label)
                .icon(icon)
                .checked(theme.colours.get() == *code)
                .does(move |()| theme.set_colours(code))
                .into()
        }));
        entries.push(Entry::Rule);
        entries.push(Entry::Head("Density"));
        entries.extend(DENSITIES.iter().map(|(code, label)| {
            Item::new(*label).checked(theme.density.get() == *code).does(move |()| theme.set_density(code)).into()
        }));
        entries
    });
    view! { <Menu label="Colours and density" icon="sun" entries=entries /> }
}
