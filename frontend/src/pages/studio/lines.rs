//! What changed between two texts, by lines: Myers' shortest edit, on lines as numbers, after what both begin and end
//! with was set aside. Texts that differ nearly everywhere are not searched to the end: then the middle counts as
//! replaced. Small on purpose: it runs with every keystroke.

use crate::ui::diff::DiffLine;
use std::collections::HashMap;

/// So many removed and added lines are looked for; beyond, the middle counts as replaced.
const MOST_EDITS: usize = 400;

/// Consecutive lines with one fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    Same(usize),
    Removed(usize),
    Added(usize),
}

/// Changed lines of the newer text: the first (from 0) and how many, none where lines only went; and how many went there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub line: usize,
    pub lines: usize,
    pub gone: usize,
}

/// How `old` became `new`.
pub fn compare(old: &[&str], new: &[&str]) -> Vec<Stretch> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    let mut out = Vec::new();
    push(&mut out, Stretch::Same(head));
    middle(old, new, &mut out);
    push(&mut out, Stretch::Same(tail));
    out
}

fn push(out: &mut Vec<Stretch>, next: Stretch) {
    match (out.last_mut(), next) {
        (_, Stretch::Same(0) | Stretch::Removed(0) | Stretch::Added(0)) => {}
        (Some(Stretch::Same(count)), Stretch::Same(more))
        | (Some(Stretch::Removed(count)), Stretch::Removed(more))
        | (Some(Stretch::Added(count)), Stretch::Added(more)) => *count += more,
        (_, next) => out.push(next),
    }
}

fn middle(old: &[&str], new: &[&str], out: &mut Vec<Stretch>) {
    if old.is_empty() || new.is_empty() {
        push(out, Stretch::Removed(old.len()));
        push(out, Stretch::Added(new.len()));
        return;
    }
    let mut numbers = HashMap::new();
    let (old, new) = (numbered(&mut numbers, old), numbered(&mut numbers, new));
    let Some(trace) = shortest(&old, &new) else {
        push(out, Stretch::Removed(old.len()));
        push(out, Stretch::Added(new.len()));
        return;
    };
    let mut steps = Vec::new();
    let (mut x, mut y) = (old.len(), new.len());
    for (edits, reach) in trace.iter().enumerate().rev() {
        let at = |k: isize| reach[(k + edits as isize + 1) as usize];
        let k = x as isize - y as isize;
        let edits = edits as isize;
        let down = k == -edits || (k != edits && at(k - 1) < at(k + 1));
        let before = if down { k + 1 } else { k - 1 };
        let from_x = at(before).max(0) as usize;
        let from_y = (from_x as isize - before).max(0) as usize;
        while x > from_x && y > from_y {
            steps.push(Stretch::Same(1));
            (x, y) = (x - 1, y - 1);
        }
        if edits > 0 {
            steps.push(if down { Stretch::Added(1) } else { Stretch::Removed(1) });
            (x, y) = (from_x, from_y);
        }
    }
    for step in steps.into_iter().rev() {
        push(out, step);
    }
}

/// Lines as numbers: equal lines have the same.
fn numbered<'t>(numbers: &mut HashMap<&'t str, usize>, lines: &[&'t str]) -> Vec<usize> {
    lines
        .iter()
        .map(|line| {
            let next = numbers.len();
            *numbers.entry(line).or_insert(next)
        })
        .collect()
}

/// For each number of edits, how far each diagonal reached before them; none beyond the bound.
fn shortest(old: &[usize], new: &[usize]) -> Option<Vec<Vec<isize>>> {
    let (n, m) = (old.len() as isize, new.len() as isize);
    let mut trace: Vec<Vec<isize>> = Vec::new();
    // diagonals -edits-1 ..= edits+1, shifted to begin at 0
    let mut reach: Vec<isize> = vec![0, 0, 0];
    for edits in 0..=(MOST_EDITS as isize).min(n + m) {
        trace.push(reach.clone());
        let shift = edits + 1;
        let mut next = vec![-1; (2 * edits + 5) as usize];
        for k in (-edits..=edits).step_by(2) {
            let at = |k: isize| reach[(k + shift) as usize];
            let mut x = if edits == 0 {
                0
            } else if k == -edits || (k != edits && at(k - 1) < at(k + 1)) {
                at(k + 1)
            } else {
                at(k - 1) + 1
            };
            let mut y = x - k;
            while x < n && y < m && old[x as usize] == new[y as usize] {
                (x, y) = (x + 1, y + 1);
            }
            next[(k + edits + 2) as usize] = x;
            if x >= n && y >= m {
                return Some(trace);
            }
        }
        reach = next;
    }
    None
}

/// The two texts as one difference.
pub fn difference(old: &str, new: &str) -> Vec<DiffLine> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let (mut x, mut y) = (0, 0);
    let mut out = Vec::new();
    for stretch in compare(&old, &new) {
        match stretch {
            Stretch::Same(count) => {
                out.extend(new[y..y + count].iter().map(|line| DiffLine::Same((*line).to_owned())));
                (x, y) = (x + count, y + count);
            }
            Stretch::Removed(count) => {
                out.extend(old[x..x + count].iter().map(|line| DiffLine::Removed((*line).to_owned())));
                x += count;
            }
            Stretch::Added(count) => {
                out.extend(new[y..y + count].iter().map(|line| DiffLine::Added((*line).to_owned())));
                y += count;
            }
        }
    }
    out
}

/// Where the newer text differs.
pub fn changes(old: &str, new: &str) -> Vec<Change> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let mut line = 0;
    let mut out: Vec<Change> = Vec::new();
    for stretch in compare(&old, &new) {
        match stretch {
            Stretch::Same(count) => line += count,
            Stretch::Removed(gone) => match out.last_mut() {
                Some(change) if change.line + change.lines == line => change.gone += gone,
                _ => out.push(Change { line, lines: 0, gone }),
            },
            Stretch::Added(count) => {
                match out.last_mut() {
                    Some(change) if change.line + change.lines == line => change.lines += count,
                    _ => out.push(Change { line, lines: count, gone: 0 }),
                }
                line += count;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_is_one_change() {
        assert_eq!(changes("a\nb\nc", "a\nx\nc"), [Change { line: 1, lines: 1, gone: 1 }]);
        assert_eq!(changes("a\nb\nc", "a\nc"), [Change { line: 1, lines: 0, gone: 1 }]);
        assert_eq!(changes("a\nc", "a\nb\nb\nc"), [Change { line: 1, lines: 2, gone: 0 }]);
        assert!(changes("a\nb", "a\nb").is_empty());
    }

    #[test]
    fn both_texts_can_be_read_off_a_difference() {
        let texts = ["", "a", "a\nb\nc\nd\ne", "b\na\nd\nc\ne\nf", "e\nd\nc\nb\na", "x\nb\ny\nd\nz\nb\nb"];
        for old in texts {
            for new in texts {
                let (mut left, mut right) = (Vec::new(), Vec::new());
                for line in difference(old, new) {
                    match line {
                        DiffLine::Same(line) => {
                            left.push(line.clone());
                            right.push(line);
                        }
                        DiffLine::Removed(line) => left.push(line),
                        DiffLine::Added(line) => right.push(line),
                    }
                }
                assert_eq!((left.join("\n"), right.join("\n")), (old.to_owned(), new.to_owned()));
            }
        }
    }

    #[test]
    fn the_shortest_edit_is_found() {
        let old: Vec<&str> = "a b c a b b a".split(' ').collect();
        let new: Vec<&str> = "c b a b a c".split(' ').collect();
        let edits: usize = compare(&old, &new)
            .iter()
            .map(|stretch| match stretch {
                Stretch::Same(_) => 0,
                Stretch::Removed(count) | Stretch::Added(count) => *count,
            })
            .sum();
        assert_eq!(edits, 5);
    }
}
