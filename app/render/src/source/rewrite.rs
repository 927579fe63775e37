//! Expressions of a parsed template, written out again with Python's meaning.
//!
//! minijinja has no hook for operators and its lists do not change, so operators and displays become filter calls that
//! `python/` implements: `a + b` is `a|__add(b)`, `[1]` is `[1]|__list`. `==`, `and`, `or`, `not` stay. Everything
//! compound gets parentheses, so that no precedence is left to chance. `Writer::reach` keeps lines: inside a tag a newline
//! is only white space, so the writer catches up with the source wherever a tag gives it room.

use super::{BLOCK, Seen, VARIABLE, names, prepare::ALONE};
use crate::{
    filters,
    problem::{Problem, ProblemKind},
};
use minijinja::machinery::ast::{BinOpKind, Call, CallArg, CompareOpKind, Expr, Filter, Stmt, UnaryOpKind};
use std::{collections::BTreeSet, fmt::Write as _};

/// Methods of Python's built-in types that a template may name without calling (`d.items`): the method wins over a key.
const BOUND: [&str; 9] = ["items", "keys", "values", "get", "pop", "update", "copy", "append", "upper"];

/// The rewritten source of one template.
///
/// # Errors
/// An unknown filter or test where Jinja2 finds it while compiling.
pub(super) fn rewrite(tree: &Stmt<'_>, name: &str, seen: Seen<'_>) -> Result<String, Problem> {
    let Seen { watched, alone } = seen;
    let made = names::made(tree);
    let mut writer =
        Writer { out: String::new(), line: 1, soft: false, kept: 0, name, watched, made, alone, enclosed: 0 };
    writer.statement(tree)?;
    Ok(writer.out)
}

/// Notes where it is, and gives what it is given.
pub(crate) const HERE: &str = "__here";

/// What calls `cycle` of something that may be a loop.
pub(crate) const CYCLE: &str = "__cycle";

/// A variable that there never is.
pub(super) const UNSET: &str = "__unset";

/// So much text outside tags, in bytes, is not worth counting.
const UNCOUNTED: usize = 64;

pub(super) type Done = Result<(), Problem>;

pub(super) struct Writer<'n> {
    pub(super) out: String,
    pub(super) line: usize,
    /// Inside the branches of an `if`, where Jinja2 leaves an unknown filter to run time.
    pub(super) soft: bool,
    /// How many blocks around this place keep what is printed instead of printing it: `set`, `macro`, `call`, `filter`.
    pub(super) kept: usize,
    name: &'n str,
    /// Readers of attributes whose place is noted.
    pub(super) watched: &'n [u32],
    /// The variables that the template makes.
    pub(super) made: BTreeSet<String>,
    /// Others are not to be seen.
    alone: bool,
    /// How many of them were named in macros that would not name them otherwise.
    pub(super) enclosed: usize,
}

impl Writer<'_> {
    pub(super) fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Newlines up to a line of the source. Only inside a tag.
    pub(super) fn reach(&mut self, line: u16) {
        while self.line < usize::from(line) {
            self.out.push('\n');
            self.line += 1;
        }
    }

    pub(super) fn open(&mut self, line: u16) {
        self.push(BLOCK.0);
        self.reach(line);
        self.push(" ");
    }

    pub(super) fn close(&mut self) {
        self.push(BLOCK.1);
    }

    pub(super) fn word(&mut self, tag: &str) {
        self.push(BLOCK.0);
        self.push(tag);
        self.push(BLOCK.1);
    }

    pub(super) fn output(&mut self, line: u16, expr: &Expr<'_>) -> Done {
        self.push(VARIABLE.0);
        self.reach(line);
        self.push(" ");
        self.shown(expr)?;
        self.push(VARIABLE.1);
        Ok(())
    }

    /// Text outside tags.
    pub(super) fn raw(&mut self, text: &str) {
        // printed as a value, it is counted like one: what is kept is bounded nowhere else
        let counted = self.kept > 0 && text.len() > UNCOUNTED;
        if counted || text.contains(|c: char| ('\u{fdd0}'..='\u{fdd5}').contains(&c)) {
            self.push(VARIABLE.0);
            self.string(text);
            self.push("|safe");
            self.push(VARIABLE.1);
        } else {
            self.push(text);
            self.line += text.matches('\n').count();
        }
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\u{fdd0}'..='\u{fdd5}' => {
                    let _ = write!(self.out, "\\u{:04x}", c as u32);
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    /// An expression whose value nobody can keep: a display needs no wrapper that can change.
    pub(super) fn shown(&mut self, expr: &Expr<'_>) -> Done {
        match expr {
            Expr::List(list) => self.items("[", &list.items, "]"),
            // recursion and blocks are recognised by their place right inside the tag
            _ => self.expr(expr),
        }
    }

    fn sees(&self, name: &str) -> bool {
        const ALWAYS: [&str; 6] = ["loop", "self", "super", "caller", "varargs", "kwargs"];
        !self.alone
            || self.made.contains(name)
            || ALWAYS.contains(&name)
            || crate::engine::functions().any(|known| known == name)
    }

    fn items(&mut self, open: &str, items: &[Expr<'_>], close: &str) -> Done {
        self.push(open);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.expr(item)?;
        }
        self.push(close);
        Ok(())
    }

    fn wrapped(&mut self, expr: &Expr<'_>) -> Done {
        self.push("(");
        self.expr(expr)?;
        self.push(")");
        Ok(())
    }

    /// Something that a dot, bracket, call or pipe may follow.
    fn operand(&mut self, expr: &Expr<'_>) -> Done {
        match expr {
            Expr::Var(_) | Expr::GetAttr(_) | Expr::GetItem(_) | Expr::Call(_) | Expr::Slice(_) => self.expr(expr),
            _ => self.wrapped(expr),
        }
    }

    /// What an attribute is read of, by an expression that ends at `reader`.
    fn owner(&mut self, expr: &Expr<'_>, reader: u32) -> Done {
        if !self.watched.contains(&reader) {
            return self.operand(expr);
        }
        self.push("(");
        self.operand(expr)?;
        let _ = write!(self.out, "|{HERE}({reader}))");
        Ok(())
    }

    fn applied(&mut self, left: &Expr<'_>, filter: &str, right: &Expr<'_>) -> Done {
        self.push("(");
        self.operand(left)?;
        let _ = write!(self.out, "|{filter}(");
        self.expr(right)?;
        self.push("))");
        Ok(())
    }

    pub(super) fn expr(&mut self, expr: &Expr<'_>) -> Done {
        self.reach(expr.span().start_line);
        match expr {
            Expr::Var(var) => self.push(if self.sees(var.id) { var.id } else { UNSET }),
            Expr::Const(constant) => self.constant(&constant.value),
            Expr::List(list) => {
                self.items("([", &list.items, "]")?;
                self.push("|__list)");
            }
            Expr::Tuple(tuple) => {
                // constants alone cannot be heavy
                let constant = tuple.items.iter().all(|item| matches!(item, Expr::Const(_)));
                self.push(if constant { "" } else { "(" });
                self.items("(", &tuple.items, if tuple.items.len() == 1 { ",)" } else { ")" })?;
                self.push(if constant { "" } else { "|__tuple)" });
            }
            Expr::Map(map) => {
                self.push("({");
                for (index, (key, value)) in map.keys.iter().zip(&map.values).enumerate() {
                    if index > 0 {
                        self.push(", ");
                    }
                    self.expr(key)?;
                    self.push(": ");
                    self.expr(value)?;
                }
                self.push("}|__dict)");
            }
            Expr::Slice(slice) => {
                self.push("(");
                self.operand(&slice.expr)?;
                self.push("|__slice(");
                for (index, part) in [&slice.start, &slice.stop, &slice.step].into_iter().enumerate() {
                    self.push(if index > 0 { ", " } else { "" });
                    match part {
                        Some(part) => self.expr(part)?,
                        None => self.push("none"),
                    }
                }
                self.push("))");
            }
            Expr::UnaryOp(unary) => {
                self.push(match unary.op {
                    UnaryOpKind::Not => "(not ",
                    UnaryOpKind::Neg if is_number(&unary.expr) => "(-",
                    UnaryOpKind::Neg => "(",
                });
                self.operand(&unary.expr)?;
                self.push(match unary.op {
                    UnaryOpKind::Neg if !is_number(&unary.expr) => "|__neg)",
                    _ => ")",
                });
            }
            Expr::BinOp(binary) => self.binary(binary.op, &binary.left, &binary.right)?,
            Expr::Compare(compare) => {
                self.push("(");
                self.operand(&compare.expr)?;
                self.push("|__chain(");
                for (index, op) in compare.ops.iter().enumerate() {
                    let _ = write!(self.out, "{}\"{}\", ", if index > 0 { ", " } else { "" }, sign(op.op));
                    self.expr(&op.expr)?;
                }
                self.push("))");
            }
            Expr::IfExpr(choice) => {
                let soft = std::mem::replace(&mut self.soft, true);
                self.push("(");
                self.wrapped(&choice.true_expr)?;
                self.push(" if ");
                self.wrapped(&choice.test_expr)?;
                if let Some(otherwise) = &choice.false_expr {
                    self.push(" else ");
                    self.wrapped(otherwise)?;
                }
                self.push(")");
                self.soft = soft;
            }
            Expr::Filter(filter) => {
                self.push("(");
                if let Some(value) = &filter.expr {
                    self.owner(value, expr.span().end_offset)?;
                    self.push("|");
                }
                self.filter_call(filter, expr.span().start_line)?;
                self.push(")");
            }
            Expr::Test(test) => {
                if !self.soft && !filters::is_test(test.name) {
                    return Err(self.unknown("test", test.name, expr.span().start_line));
                }
                self.push("(");
                self.operand(&test.expr)?;
                let _ = write!(self.out, " is {}", test.name);
                self.arguments(&test.args)?;
                self.push(")");
            }
            Expr::GetAttr(attr) => {
                if BOUND.contains(&attr.name) {
                    self.push("(");
                    self.owner(&attr.expr, expr.span().end_offset)?;
                    let _ = write!(self.out, "|__attr(\"{}\"))", attr.name);
                } else {
                    self.owner(&attr.expr, expr.span().end_offset)?;
                    let _ = write!(self.out, ".{}", attr.name);
                }
            }
            Expr::GetItem(item) => {
                let constant = item.subscript_expr.as_const().and_then(|at| at.as_i64());
                if let Some(at) = constant.filter(|at| *at < 0) {
                    self.push("(");
                    self.operand(&item.expr)?;
                    let _ = write!(self.out, "|__at({at}))");
                    return Ok(());
                }
                self.owner(&item.expr, expr.span().end_offset)?;
                self.push("[");
                self.expr(&item.subscript_expr)?;
                self.push("]");
            }
            Expr::Call(call) if let Some(owner) = cycled(call) => {
                self.push("(");
                self.cycle(owner, &call.args)?;
                self.push(")");
            }
            Expr::Call(call) => {
                if let Expr::GetAttr(method) = &call.expr {
                    self.operand(&method.expr)?;
                    let _ = write!(self.out, ".{}", method.name);
                } else {
                    self.operand(&call.expr)?;
                }
                self.push("(");
                self.argument_list(&call.args)?;
                self.push(")");
            }
        }
        Ok(())
    }

    /// `owner.cycle(args)`, not in parentheses.
    pub(super) fn cycle(&mut self, owner: &Expr<'_>, args: &[CallArg<'_>]) -> Done {
        self.operand(owner)?;
        let _ = write!(self.out, "|{CYCLE}");
        self.arguments(args)
    }

    /// What an import or include names: there, and nowhere else, may it be marked.
    pub(super) fn template(&mut self, name: &Expr<'_>) -> Done {
        let Expr::Filter(filter) = name else { return self.expr(name) };
        let Some(marked) = filter.expr.as_ref().filter(|_| filter.name == ALONE) else { return self.expr(name) };
        self.push("(");
        self.operand(marked)?;
        let _ = write!(self.out, "|{ALONE})");
        Ok(())
    }

    /// Filters of a `{% set x | f %}` or `{% filter f %}`: no value stands before the first.
    pub(super) fn filter_chain(&mut self, expr: &Expr<'_>) -> Done {
        let Expr::Filter(filter) = expr else { return self.expr(expr) };
        if let Some(before) = &filter.expr {
            self.filter_chain(before)?;
            self.push("|");
        }
        self.filter_call(filter, expr.span().start_line)
    }

    fn filter_call(&mut self, filter: &Filter<'_>, line: u16) -> Done {
        // there are filters of the rewriting's own, which must not be found at run time
        if (!self.soft || filter.name.starts_with("__")) && !filters::is_filter(filter.name) {
            return Err(self.unknown("filter", filter.name, line));
        }
        self.push(filter.name);
        self.arguments(&filter.args)
    }

    fn unknown(&self, what: &str, name: &str, line: u16) -> Problem {
        Problem {
            kind: ProblemKind::Syntax,
            template: self.name.to_owned(),
            line: Some(line.into()),
            message: format!("No {what} named '{name}'."),
        }
    }

    fn binary(&mut self, op: BinOpKind, left: &Expr<'_>, right: &Expr<'_>) -> Done {
        let filter = match op {
            BinOpKind::Eq => return self.infix(left, "==", right),
            BinOpKind::Ne => return self.infix(left, "!=", right),
            BinOpKind::ScAnd => return self.infix(left, "and", right),
            BinOpKind::ScOr => return self.infix(left, "or", right),
            BinOpKind::In => {
                self.push("(");
                self.operand(left)?;
                self.push("|__in(");
                self.shown(right)?;
                self.push("))");
                return Ok(());
            }
            BinOpKind::Lt => "__lt",
            BinOpKind::Lte => "__le",
            BinOpKind::Gt => "__gt",
            BinOpKind::Gte => "__ge",
            BinOpKind::Add => "__add",
            BinOpKind::Sub => "__sub",
            BinOpKind::Mul => "__mul",
            BinOpKind::Div => "__div",
            BinOpKind::FloorDiv => "__floordiv",
            BinOpKind::Rem => "__mod",
            BinOpKind::Pow => "__pow",
            BinOpKind::Concat => "__concat",
        };
        self.applied(left, filter, right)
    }

    fn infix(&mut self, left: &Expr<'_>, sign: &str, right: &Expr<'_>) -> Done {
        self.push("(");
        self.operand(left)?;
        let _ = write!(self.out, " {sign} ");
        self.operand(right)?;
        self.push(")");
        Ok(())
    }

    fn arguments(&mut self, args: &[CallArg<'_>]) -> Done {
        if args.is_empty() {
            return Ok(());
        }
        self.push("(");
        self.argument_list(args)?;
        self.push(")");
        Ok(())
    }

    pub(super) fn argument_list(&mut self, args: &[CallArg<'_>]) -> Done {
        for (index, arg) in args.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            match arg {
                CallArg::Pos(value) => self.expr(value)?,
                CallArg::Kwarg(name, value) => {
                    let _ = write!(self.out, "{name}=");
                    self.expr(value)?;
                }
                CallArg::PosSplat(value) => {
                    self.push("*");
                    self.wrapped(value)?;
                }
                CallArg::KwargSplat(value) => {
                    self.push("**");
                    self.wrapped(value)?;
                }
            }
        }
        Ok(())
    }

    fn constant(&mut self, value: &minijinja::Value) {
        if let Some(text) = value.as_str() {
            self.string(text);
        } else if value.is_none() {
            self.push("none");
        } else if value.kind() == minijinja::value::ValueKind::Bool {
            self.push(if value.is_true() { "true" } else { "false" });
        } else if value.is_integer() {
            let _ = write!(self.out, "{value}");
        } else {
            let number = f64::try_from(value.clone()).unwrap_or_default();
            let text = format!("{number:?}");
            if number.is_infinite() {
                return self.push("(1e308|__mul(10))");
            }
            match text.split_once('e') {
                Some((digits, exponent)) if !digits.contains('.') => {
                    let _ = write!(self.out, "{digits}.0e{exponent}");
                }
                _ => self.push(&text),
            }
        }
    }
}

/// Whose `cycle` is called.
pub(super) fn cycled<'e, 'a>(call: &'e Call<'a>) -> Option<&'e Expr<'a>> {
    match &call.expr {
        Expr::GetAttr(method) if method.name == "cycle" => Some(&method.expr),
        _ => None,
    }
}

fn is_number(expr: &Expr<'_>) -> bool {
    matches!(expr, Expr::Const(constant) if constant.value.kind() == minijinja::value::ValueKind::Number)
}

fn sign(op: CompareOpKind) -> &'static str {
    match op {
        CompareOpKind::Eq => "==",
        CompareOpKind::Ne => "!=",
        CompareOpKind::Lt => "<",
        CompareOpKind::Lte => "<=",
        CompareOpKind::Gt => ">",
        CompareOpKind::Gte => ">=",
        CompareOpKind::In => "in",
        CompareOpKind::NotIn => "not in",
    }
}
