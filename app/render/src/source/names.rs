//! Which names a template uses, and which it makes itself: so that a name that is nowhere can be told. Jinja2 prints nothing
//! for such a name, which in a router's configuration is the worst kind of mistake.
//!
//! A name that the template asks about anywhere (`is defined`, `default`) may well be absent, and is not told.

use super::prepare::ALONE;
use minijinja::machinery::ast::{BinOpKind, CallArg, Expr, Macro, Stmt};
use std::collections::{BTreeSet, HashSet};

/// A name at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    pub name: String,
    pub line: usize,
    /// Where the name begins, in bytes of the prepared source.
    pub start: u32,
    /// Which expression reads it: where that ends.
    pub reader: u32,
}

/// The names of one template.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Read as variables, made nowhere in this template.
    pub variables: Vec<Mention>,
    /// Behind a dot, in brackets, or handed to a filter as text.
    pub attributes: Vec<Mention>,
    /// Those of them that decide something: objects of one type may have them and others not.
    pub conditions: HashSet<String>,
    /// Templates that it includes, imports or extends, by `kind::identifier`, as far as it says so in plain words.
    pub includes: Vec<String>,
}

/// The variables that a parsed template makes, wherever it does.
pub(super) fn made(tree: &Stmt<'_>) -> BTreeSet<String> {
    let mut walk = Walk::default();
    walk.statement(tree);
    walk.made
}

/// The names of a parsed template.
pub(super) fn names(tree: &Stmt<'_>) -> Names {
    let mut walk = Walk::default();
    walk.statement(tree);
    let Walk { mut found, made, asked, .. } = walk;
    found.variables.retain(|mention| !made.contains(&mention.name) && !asked.contains(&mention.name));
    found.attributes.retain(|mention| !asked.contains(&mention.name));
    found
}

#[derive(Default)]
struct Walk {
    found: Names,
    made: BTreeSet<String>,
    asked: HashSet<String>,
}

impl Walk {
    fn body(&mut self, statements: &[Stmt<'_>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(node) => self.body(&node.children),
            Stmt::EmitExpr(node) => self.expr(&node.expr),
            Stmt::ForLoop(node) => {
                self.make(&node.target);
                self.expr(&node.iter);
                self.optional(node.filter_expr.as_ref());
                self.body(&node.body);
                self.body(&node.else_body);
            }
            Stmt::IfCond(node) => {
                self.condition(&node.expr);
                self.body(&node.true_body);
                self.body(&node.false_body);
            }
            Stmt::WithBlock(node) => {
                for (target, value) in &node.assignments {
                    self.make(target);
                    self.expr(value);
                }
                self.body(&node.body);
            }
            Stmt::Set(node) => {
                self.make(&node.target);
                self.expr(&node.expr);
            }
            Stmt::SetBlock(node) => {
                self.make(&node.target);
                self.optional(node.filter.as_ref());
                self.body(&node.body);
            }
            Stmt::AutoEscape(node) => {
                self.expr(&node.enabled);
                self.body(&node.body);
            }
            Stmt::FilterBlock(node) => {
                self.expr(&node.filter);
                self.body(&node.body);
            }
            Stmt::Block(node) => self.body(&node.body),
            Stmt::Import(node) => {
                self.make(&node.name);
                self.template(&node.expr);
            }
            Stmt::FromImport(node) => {
                for (name, alias) in &node.names {
                    self.make(alias.as_ref().unwrap_or(name));
                }
                self.template(&node.expr);
            }
            Stmt::Extends(node) => self.template(&node.name),
            Stmt::Include(node) => self.template(&node.name),
            Stmt::Macro(node) => {
                self.made.insert(node.name.to_owned());
                self.declaration(node);
            }
            Stmt::CallBlock(node) => {
                self.declaration(&node.macro_decl);
                self.expr(&node.call.expr);
                self.arguments(&node.call.args);
            }
            Stmt::Do(node) => {
                self.expr(&node.call.expr);
                self.arguments(&node.call.args);
            }
            Stmt::EmitRaw(_) | Stmt::Continue(_) | Stmt::Break(_) => {}
        }
    }

    fn declaration(&mut self, node: &Macro<'_>) {
        for target in &node.args {
            self.make(target);
        }
        for default in &node.defaults {
            self.expr(default);
        }
        self.body(&node.body);
    }

    /// What names another template: a text, a choice of two or a list of some.
    fn template(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Const(name) => self.found.includes.extend(name.value.as_str().map(str::to_owned)),
            Expr::IfExpr(choice) => {
                self.condition(&choice.test_expr);
                self.template(&choice.true_expr);
                choice.false_expr.iter().for_each(|other| self.template(other));
            }
            Expr::List(list) => list.items.iter().for_each(|item| self.template(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.template(item)),
            Expr::Filter(filter) if filter.name == ALONE => filter.expr.iter().for_each(|name| self.template(name)),
            expr => self.expr(expr),
        }
    }

    /// A target of an assignment.
    fn make(&mut self, target: &Expr<'_>) {
        match target {
            Expr::Var(var) => drop(self.made.insert(var.id.to_owned())),
            Expr::List(list) => list.items.iter().for_each(|item| self.make(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.make(item)),
            // `ns.a = 1` reads `ns`
            Expr::GetAttr(attr) => self.expr(&attr.expr),
            _ => {}
        }
    }

    /// Something that is only true or false here.
    fn condition(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::GetAttr(attr) => drop(self.found.conditions.insert(attr.name.to_owned())),
            Expr::UnaryOp(unary) => return self.condition(&unary.expr),
            Expr::BinOp(binary) if matches!(binary.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
                self.condition(&binary.left);
                return self.condition(&binary.right);
            }
            _ => {}
        }
        self.expr(expr);
    }

    fn optional(&mut self, expr: Option<&Expr<'_>>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    /// Something that the template knows may be absent.
    fn asked(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(var) => drop(self.asked.insert(var.id.to_owned())),
            Expr::GetAttr(attr) => {
                self.asked.insert(attr.name.to_owned());
                self.expr(&attr.expr);
            }
            Expr::GetItem(item) => {
                if let Expr::Const(name) = &item.subscript_expr {
                    self.asked.extend(name.value.as_str().map(str::to_owned));
                }
                self.expr(&item.expr);
            }
            _ => self.expr(expr),
        }
    }

    /// A text that names an attribute for the expression that ends at `reader`.
    fn text(&mut self, expr: &Expr<'_>, reader: u32) {
        if let Expr::Const(constant) = expr
            && let Some(text) = constant.value.as_str()
        {
            let (line, start) = (usize::from(constant.span().start_line), constant.span().start_offset + 1);
            self.found.attributes.push(Mention { name: text.to_owned(), line, start, reader });
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) {
        for argument in arguments {
            let (CallArg::Pos(expr) | CallArg::Kwarg(_, expr) | CallArg::PosSplat(expr) | CallArg::KwargSplat(expr)) =
                argument;
            self.expr(expr);
        }
    }

    fn expr(&mut self, expr: &Expr<'_>) {
        let (line, start, reader) =
            (usize::from(expr.span().start_line), expr.span().start_offset, expr.span().end_offset);
        match expr {
            Expr::Var(var) => self.found.variables.push(Mention { name: var.id.to_owned(), line, start, reader }),
            Expr::Const(_) => {}
            Expr::Slice(slice) => {
                self.expr(&slice.expr);
                [&slice.start, &slice.stop, &slice.step].into_iter().for_each(|part| self.optional(part.as_ref()));
            }
            Expr::UnaryOp(unary) => self.expr(&unary.expr),
            Expr::BinOp(binary) => {
                match binary.op {
                    BinOpKind::ScAnd | BinOpKind::ScOr => self.condition(&binary.left),
                    _ => self.expr(&binary.left),
                }
                self.expr(&binary.right);
            }
            Expr::Compare(compare) => {
                self.expr(&compare.expr);
                compare.ops.iter().for_each(|op| self.expr(&op.expr));
            }
            Expr::IfExpr(choice) => {
                self.condition(&choice.test_expr);
                self.expr(&choice.true_expr);
                self.optional(choice.false_expr.as_ref());
            }
            Expr::Filter(filter) => {
                match &filter.expr {
                    Some(value) if matches!(filter.name, "default" | "d") => self.asked(value),
                    value => self.optional(value.as_ref()),
                }
                // `map(attribute='name')`, but not where it says what to take instead or asks whether it is there
                let otherwise = |arg: &CallArg<'_>| match arg {
                    CallArg::Kwarg("default", _) => true,
                    CallArg::Pos(Expr::Const(word)) => matches!(word.value.as_str(), Some("defined" | "undefined")),
                    _ => false,
                };
                if filter.args.iter().any(otherwise) {
                    for argument in &filter.args {
                        if let CallArg::Pos(Expr::Const(word)) | CallArg::Kwarg("attribute", Expr::Const(word)) =
                            argument
                        {
                            self.asked.extend(word.value.as_str().map(str::to_owned));
                        }
                    }
                } else {
                    for argument in &filter.args {
                        if let CallArg::Kwarg("attribute", value) | CallArg::Pos(value) = argument {
                            self.text(value, reader);
                        }
                    }
                }
                self.arguments(&filter.args);
            }
            Expr::Test(test) => {
                match test.name {
                    "defined" | "undefined" => self.asked(&test.expr),
                    _ => self.expr(&test.expr),
                }
                self.arguments(&test.args);
            }
            Expr::GetAttr(attr) => {
                let (line, start) = (usize::from(expr.span().end_line), reader.saturating_sub(attr.name.len() as u32));
                self.found.attributes.push(Mention { name: attr.name.to_owned(), line, start, reader });
                self.expr(&attr.expr);
            }
            Expr::GetItem(item) => {
                self.text(&item.subscript_expr, reader);
                self.expr(&item.expr);
                self.expr(&item.subscript_expr);
            }
            Expr::Call(call) => {
                self.expr(&call.expr);
                self.arguments(&call.args);
            }
            Expr::List(list) => list.items.iter().for_each(|item| self.expr(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expr(item)),
            Expr::Map(map) => {
                map.keys.iter().chain(&map.values).for_each(|item| self.expr(item));
            }
        }
    }
}
