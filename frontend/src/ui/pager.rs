//! Which part of a long list is shown, and the way to the others. Stands at the end of the page's foot.

use crate::ui::{Button, Look};
use leptos::prelude::*;

/// Numbers as people read them: `4 312`, with narrow spaces.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// Rows of a page that are offered.
pub const PAGE_SIZES: [u32; 5] = [50, 100, 250, 500, 2000];

/// '1–100 of 4 312' and four buttons.
#[component]
pub fn Pager(
    #[prop(into)] total: Signal<u64>,
    /// From 1.
    #[prop(into)]
    page: Signal<u32>,
    #[prop(into)] per_page: Signal<u32>,
    #[prop(into)] on_page: Callback<u32>,
    #[prop(optional, into)] on_per_page: Option<Callback<u32>>,
) -> impl IntoView {
    let pages =
        move || u32::try_from(total.get().div_ceil(u64::from(per_page.get().max(1)))).unwrap_or(u32::MAX).max(1);
    let first = Signal::derive(move || page.get() <= 1);
    let last = Signal::derive(move || page.get() >= pages());
    let now = move || {
        let (total, page, per_page) = (total.get(), u64::from(page.get().max(1)), u64::from(per_page.get()));
        if total == 0 {
            return "0 rows".to_owned();
        }
        let from = (page - 1) * per_page + 1;
        let to = (page * per_page).min(total);
        format!("{}–{} of {}", grouped(from), grouped(to), grouped(total))
    };
    let many = move || total.get() > u64::from(per_page.get());
    view! {
        <nav class="pager" aria-label="Pages">
            {on_per_page
                .map(|on_per_page| {
                    view! {
                        <select
                            aria-label="Rows per page"
                            on:change=move |event| on_per_page.run(event_target_value(&event).parse().unwrap_or(100))
                        >
                            {PAGE_SIZES
                                .map(|size| {
                                    view! {
                                        <option value=size selected=move || per_page.get() == size>
                                            {format!("{size} rows")}
                                        </option>
                                    }
                                })}
                        </select>
                    }
                })}
            <span class="now" aria-live="polite">{now}</span>
            <Show when=many>
                <Button label="First page" icon="first" icon_only=true small=true look=Look::Ghost disabled=first on_press=move |()| on_page.run(1) />
                <Button
                    label="Previous page" icon="left" icon_only=true small=true look=Look::Ghost disabled=first
                    on_press=move |()| on_page.run(page.get_untracked().saturating_sub(1).max(1))
                />
                <Button
                    label="Next page" icon="right" icon_only=true small=true look=Look::Ghost disabled=last
                    on_press=move |()| on_page.run(page.get_untracked() + 1)
                />
                <Button label="Last page" icon="last" icon_only=true small=true look=Look::Ghost disabled=last on_press=move |()| on_page.run(untrack(pages)) />
            </Show>
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_parted() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1000), "1\u{202f}000");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
