//! Statements of a parsed template, written out again; expressions are [`super::rewrite`]'s.
//!
//! Three statements change: an include is contained in a `with`, because what it sets must not leak out; a macro whose
//! default names an earlier argument gets that default inside its body, where the argument is known; a `do` of what becomes
//! a filter becomes a `with`, because a filter is no call.

use super::rewrite::{Done, HERE, UNSET, Writer, cycled};
use minijinja::machinery::ast::{CallBlock, Expr, ForLoop, IfCond, Macro, Stmt};
use std::fmt::Write as _;

/// Names of variables in macros that include something, all in all: thousands of macros times thousands of variables are
/// no template that somebody wrote.
const MOST_ENCLOSED: usize = 50_000;

impl Writer<'_> {
    fn body(&mut self, statements: &[Stmt<'_>]) -> Done {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    /// A body in a frame of its own: Jinja2 forgets there that it was inside an `if`.
    fn framed(&mut self, statements: &[Stmt<'_>]) -> Done {
        let soft = std::mem::replace(&mut self.soft, false);
        self.body(statements)?;
        self.soft = soft;
        Ok(())
    }

    /// A body whose text is kept and not printed at once.
    fn captured(&mut self, statements: &[Stmt<'_>]) -> Done {
        self.kept += 1;
        self.framed(statements)?;
        self.kept -= 1;
        Ok(())
    }

    /// A macro's body. The engine lets it see what it names; what it includes may name whatever is around.
    fn enclosed(&mut self, statements: &[Stmt<'_>]) -> Done {
        let before = std::mem::take(&mut self.out);
        self.captured(statements)?;
        let body = std::mem::replace(&mut self.out, before);
        if body.contains("include ") && self.enclosed + self.made.len() <= MOST_ENCLOSED {
            self.enclosed += self.made.len();
            self.word("if false");
            for name in self.made.clone() {
                self.word(&format!("if {name}"));
                self.word("endif");
            }
            self.word("endif");
        }
        self.push(&body);
        Ok(())
    }

    pub(super) fn statement(&mut self, statement: &Stmt<'_>) -> Done {
        match statement {
            Stmt::Template(template) => self.body(&template.children)?,
            Stmt::EmitRaw(raw) => self.raw(raw.raw),
            Stmt::EmitExpr(emit) => self.output(emit.span().start_line, &emit.expr)?,
            Stmt::ForLoop(node) => self.for_loop(node, node.span().start_line)?,
            Stmt::IfCond(node) => self.condition(node, node.span().start_line)?,
            Stmt::WithBlock(node) => {
                self.open(node.span().start_line);
                self.push("with ");
                // Jinja2 looks at all values before it makes any of the variables
                let together = node.assignments.len() > 1;
                if together {
                    self.push("(");
                    for (index, (target, _)) in node.assignments.iter().enumerate() {
                        let several = matches!(target, Expr::List(_));
                        self.push(if index > 0 { ", " } else { "" });
                        self.push(if several { "(" } else { "" });
                        self.target(target);
                        self.push(if several { ")" } else { "" });
                    }
                    self.push(") = [");
                    for (index, (_, value)) in node.assignments.iter().enumerate() {
                        self.push(if index > 0 { ", " } else { "" });
                        self.expr(value)?;
                    }
                    self.push("]");
                }
                for (index, (target, value)) in node.assignments.iter().enumerate().filter(|_| !together) {
                    if index > 0 {
                        self.push(", ");
                    }
                    let several = matches!(target, Expr::List(_));
                    self.push(if several { "(" } else { "" });
                    self.target(target);
                    self.push(if several { ") = " } else { " = " });
                    self.expr(value)?;
                }
                self.close();
                self.framed(&node.body)?;
                self.word("endwith");
            }
            Stmt::Set(node) => {
                self.open(node.span().start_line);
                self.push("set ");
                self.target(&node.target);
                self.push(" = (");
                self.expr(&node.expr)?;
                match &node.target {
                    Expr::GetAttr(owner) => {
                        self.push(")|__kept(");
                        self.target(&owner.expr);
                        self.push(")");
                    }
                    _ if needs_no_owner(&node.expr) => self.push(")"),
                    _ => self.push(")|__own"),
                }
                self.close();
            }
            Stmt::SetBlock(node) => {
                self.open(node.span().start_line);
                self.push("set ");
                self.target(&node.target);
                if let Some(filter) = &node.filter {
                    self.push(" | ");
                    self.filter_chain(filter)?;
                }
                self.close();
                self.captured(&node.body)?;
                self.word("endset");
            }
            Stmt::AutoEscape(node) => {
                self.open(node.span().start_line);
                self.push("autoescape ");
                self.expr(&node.enabled)?;
                self.close();
                self.body(&node.body)?;
                self.word("endautoescape");
            }
            Stmt::FilterBlock(node) => {
                self.open(node.span().start_line);
                self.push("filter ");
                self.filter_chain(&node.filter)?;
                self.close();
                self.captured(&node.body)?;
                self.word("endfilter");
            }
            Stmt::Block(node) => {
                self.open(node.span().start_line);
                let _ = write!(self.out, "block {}{}", node.name, if node.required { " required" } else { "" });
                self.close();
                self.framed(&node.body)?;
                self.word("endblock");
            }
            Stmt::Import(node) => {
                self.open(node.span().start_line);
                self.push("import ");
                self.template(&node.expr)?;
                self.push(" as ");
                self.target(&node.name);
                self.close();
            }
            Stmt::FromImport(node) => {
                self.open(node.span().start_line);
                self.push("from ");
                self.template(&node.expr)?;
                self.push(" import ");
                for (index, (name, alias)) in node.names.iter().enumerate() {
                    if index > 0 {
                        self.push(", ");
                    }
                    self.target(name);
                    if let Some(alias) = alias {
                        self.push(" as ");
                        self.target(alias);
                    }
                }
                self.close();
            }
            Stmt::Extends(node) => {
                self.open(node.span().start_line);
                self.push("extends ");
                self.expr(&node.name)?;
                self.close();
            }
            Stmt::Include(node) => {
                // what an include sets stays inside it
                self.word("with");
                self.open(node.span().start_line);
                self.push("include ");
                // what it reads is not read here
                let elsewhere = !self.watched.is_empty();
                self.push(if elsewhere { "(" } else { "" });
                self.template(&node.name)?;
                if elsewhere {
                    let _ = write!(self.out, "|{HERE}(0))");
                }
                self.push(if node.ignore_missing { " ignore missing" } else { "" });
                self.close();
                self.word("endwith");
            }
            Stmt::Macro(node) => {
                self.open(node.span().start_line);
                let head = std::mem::take(&mut self.out);
                let late = self.parameters(node)?;
                self.push(")");
                self.close();
                self.late_defaults(&late)?;
                self.enclosed(&node.body)?;
                let body = std::mem::replace(&mut self.out, head);
                // arguments beyond the named ones: an object in front of the macro sorts them out
                let open = body.contains("varargs") || body.contains("kwargs");
                let _ = match (open, node.args.is_empty()) {
                    (false, _) => write!(self.out, "macro {}(", node.name),
                    (true, empty) => {
                        write!(self.out, "macro __{}(varargs, kwargs{}", node.name, if empty { "" } else { ", " })
                    }
                };
                self.push(&body);
                self.word("endmacro");
                if open {
                    let names = node.args.iter().filter_map(|arg| match arg {
                        Expr::Var(var) => Some(format!("\"{}\"", var.id)),
                        _ => None,
                    });
                    let names = names.collect::<Vec<_>>().join(", ");
                    self.word(&format!("set {0} = __{0}|__variadic(\"{0}\", [{names}])", node.name));
                }
            }
            Stmt::CallBlock(node) => self.call_block(node, node.span().start_line)?,
            Stmt::Continue(node) => {
                self.open(node.span().start_line);
                self.push("continue");
                self.close();
            }
            Stmt::Break(node) => {
                self.open(node.span().start_line);
                self.push("break");
                self.close();
            }
            Stmt::Do(node) if let Some(owner) = cycled(&node.call) => {
                self.open(node.span().start_line);
                let _ = write!(self.out, "with {UNSET} = ");
                self.cycle(owner, &node.call.args)?;
                self.close();
                self.word("endwith");
            }
            Stmt::Do(node) => {
                self.open(node.span().start_line);
                self.push("do ");
                self.target_call(&node.call.expr)?;
                self.push("(");
                self.argument_list(&node.call.args)?;
                self.push(")");
                self.close();
            }
        }
        Ok(())
    }

    /// What a call tag or `do` calls: never rewritten into a filter, so that it stays a call.
    fn target_call(&mut self, expr: &Expr<'_>) -> Done {
        match expr {
            Expr::GetAttr(attr) => {
                self.expr(&attr.expr)?;
                let _ = write!(self.out, ".{}", attr.name);
                Ok(())
            }
            _ => self.expr(expr),
        }
    }

    fn target(&mut self, target: &Expr<'_>) {
        match target {
            Expr::Var(var) => self.push(var.id),
            Expr::GetAttr(attr) => {
                self.target(&attr.expr);
                let _ = write!(self.out, ".{}", attr.name);
            }
            Expr::List(list) => {
                for (index, item) in list.items.iter().enumerate() {
                    let nested = matches!(item, Expr::List(_));
                    self.push(match (index > 0, nested) {
                        (true, true) => ", (",
                        (true, false) => ", ",
                        (false, true) => "(",
                        (false, false) => "",
                    });
                    self.target(item);
                    self.push(if nested { ")" } else { "" });
                }
                self.push(if list.items.len() == 1 { "," } else { "" });
            }
            _ => {}
        }
    }

    /// Jinja2 looks at a loop's condition just before each turn, so that it sees what the turns before have changed;
    /// minijinja looks at all of them first, to number the turns. Where nobody asks for the number the condition becomes
    /// an `if` inside.
    fn for_loop(&mut self, node: &ForLoop<'_>, line: u16) -> Done {
        self.open(line);
        self.push("for ");
        self.target(&node.target);
        self.push(" in (");
        self.shown(&node.iter)?;
        self.push(")|__iter");
        let head = std::mem::take(&mut self.out);
        if let Some(filter) = &node.filter_expr {
            self.expr(filter)?;
        }
        let condition = std::mem::take(&mut self.out);
        self.framed(&node.body)?;
        let body = std::mem::replace(&mut self.out, head);
        let numbered = condition.contains("loop") || body.contains("loop");
        let inside = node.filter_expr.is_some() && !numbered && !node.recursive && node.else_body.is_empty();
        if inside {
            self.close();
            self.push(super::BLOCK.0);
            self.push("if (");
        } else if node.filter_expr.is_some() {
            self.push(" if (");
        }
        self.push(&condition);
        self.push(if node.filter_expr.is_some() { ")" } else { "" });
        self.push(if node.recursive { " recursive" } else { "" });
        self.close();
        self.push(&body);
        if inside {
            self.word("endif");
        }
        if !node.else_body.is_empty() {
            self.word("else");
            self.framed(&node.else_body)?;
        }
        self.word("endfor");
        Ok(())
    }

    fn condition(&mut self, node: &IfCond<'_>, line: u16) -> Done {
        let soft = std::mem::replace(&mut self.soft, true);
        self.open(line);
        self.push("if (");
        self.expr(&node.expr)?;
        self.push(")");
        self.close();
        self.body(&node.true_body)?;
        if !node.false_body.is_empty() {
            self.word("else");
            self.body(&node.false_body)?;
        }
        self.word("endif");
        self.soft = soft;
        Ok(())
    }

    /// Writes a macro's parameters; gives back those whose default has to wait.
    fn parameters<'t, 'a>(&mut self, node: &'t Macro<'a>) -> Result<Vec<(&'t Expr<'a>, &'t Expr<'a>)>, crate::Problem> {
        let first = node.args.len().saturating_sub(node.defaults.len());
        let mut late = Vec::new();
        for (index, arg) in node.args.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.target(arg);
            if index >= first {
                let default = &node.defaults[index - first];
                if mentions(default, &node.args[..index]) {
                    self.push("=");
                    self.push(UNSET);
                    late.push((arg, default));
                } else {
                    self.push("=");
                    self.expr(default)?;
                }
            }
        }
        Ok(late)
    }

    fn late_defaults(&mut self, late: &[(&Expr<'_>, &Expr<'_>)]) -> Done {
        for (arg, default) in late {
            self.push(super::BLOCK.0);
            self.push("if ");
            self.target(arg);
            self.push(" is undefined");
            self.close();
            self.push(super::BLOCK.0);
            self.push("set ");
            self.target(arg);
            self.push(" = ");
            self.expr(default)?;
            self.close();
            self.word("endif");
        }
        Ok(())
    }

    fn call_block(&mut self, node: &CallBlock<'_>, line: u16) -> Done {
        self.open(line);
        self.push("call");
        let mut late = Vec::new();
        if !node.macro_decl.args.is_empty() {
            self.push("(");
            late = self.parameters(&node.macro_decl)?;
            self.push(")");
        }
        self.push(" ");
        self.target_call(&node.call.expr)?;
        self.push("(");
        self.argument_list(&node.call.args)?;
        self.push(")");
        self.close();
        self.late_defaults(&late)?;
        self.enclosed(&node.macro_decl.body)?;
        self.word("endcall");
        Ok(())
    }
}

/// Whether an expression gives nothing that could be a list of the engine's own, which cannot change.
fn needs_no_owner(expr: &Expr<'_>) -> bool {
    matches!(
        expr,
        Expr::Const(_)
            | Expr::Var(_)
            | Expr::GetAttr(_)
            | Expr::GetItem(_)
            | Expr::Test(_)
            | Expr::UnaryOp(_)
            | Expr::Compare(_)
            | Expr::List(_)
            | Expr::Map(_)
    )
}

fn mentions(default: &Expr<'_>, earlier: &[Expr<'_>]) -> bool {
    let named = |id: &str| earlier.iter().any(|arg| matches!(arg, Expr::Var(var) if var.id == id));
    match default {
        Expr::Var(var) => named(var.id),
        Expr::GetAttr(attr) => mentions(&attr.expr, earlier),
        Expr::GetItem(item) => mentions(&item.expr, earlier) || mentions(&item.subscript_expr, earlier),
        Expr::Filter(filter) => filter.expr.as_ref().is_some_and(|expr| mentions(expr, earlier)),
        Expr::BinOp(op) => mentions(&op.left, earlier) || mentions(&op.right, earlier),
        _ => false,
    }
}
