// The template editor: CodeMirror 6 with the small Jinja mode, loaded only by the pages that edit templates
// (from Rust: `peerage.load("editor")`, see boot.js).
//
//   create(parent, {doc, label, onChange(text), onCursor({line, column, offset}), readOnly, dark}) -> {
//     getDoc(), setDoc(text), setProblems([{line, column?, endColumn?, message, severity}]),
//     setCompletions(list | ({text, explicit}) => list or promise of one),   text: the document up to the cursor
//     setDark(bool), setReadOnly(bool), goTo(line), focus(), destroy()
//   }
// Lines and columns count from 1. A completion is {label, detail?, info?, type?, apply?, back?}: it takes the
// place of `back` letters before the cursor, otherwise of the word there.
//
// It lives in a shadow root: there CodeMirror uses adopted style sheets, which the content security policy allows,
// while custom properties (all its colours are tokens) are inherited from the page.
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap,
  lineNumbers } from "@codemirror/view";
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { jinja2 } from "@codemirror/legacy-modes/mode/jinja2";
import { tags } from "@lezer/highlight";

const ink = HighlightStyle.define([
  { tag: [tags.tagName, tags.keyword, tags.operator], color: "var(--code-tag)" },
  { tag: [tags.variableName, tags.propertyName], color: "var(--code-key)" },
  { tag: tags.string, color: "var(--code-str)" },
  { tag: [tags.number, tags.atom, tags.bool], color: "var(--code-num)" },
  { tag: tags.comment, color: "var(--code-dim)", fontStyle: "italic" },
]);

const look = {
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--bg)", fontSize: "12px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "18px", overflow: "auto" },
  ".cm-content": { caretColor: "var(--accent)", fontVariantLigatures: "none", padding: "6px 0" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--accent)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-3)", borderRight: "1px solid var(--hairline)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--hover) 60%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "var(--selected)" },
  ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--warn-soft)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--warn-soft)", outline: "1px solid var(--warn)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--selected)", outline: "1px solid var(--border)" },
  "&.cm-focused .cm-nonmatchingBracket": { color: "var(--bad)" },
  ".cm-panels": { backgroundColor: "var(--surface)", color: "var(--text)", fontFamily: "var(--sans)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--border)" },
  ".cm-textfield": { backgroundColor: "var(--bg)", color: "var(--text)", border: "1px solid var(--border-strong)",
    borderRadius: "var(--r-control)" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--raised)", color: "var(--text)",
    border: "1px solid var(--border-strong)", borderRadius: "var(--r-control)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "0", boxShadow: "var(--float)",
    borderRadius: "var(--r-menu)", fontFamily: "var(--sans)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--selected)", color: "var(--text)" },
  ".cm-completionDetail": { color: "var(--text-3)", fontStyle: "normal" },
  ".cm-completionMatchedText": { color: "var(--accent)", textDecoration: "none", fontWeight: "600" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-diagnostic-info": { borderLeftColor: "var(--info)" },
};

export function create(parent, { doc = "", label = "Template", onChange, onCursor, readOnly = false, dark = false } = {}) {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open", delegatesFocus: true });
  const theme = new Compartment();
  const writable = new Compartment();
  const lock = (on) => [EditorState.readOnly.of(on), EditorView.editable.of(!on)];
  const paint = (on) => EditorView.theme(look, { dark: on });
  let completions = [];

  const complete = async (context) => {
    const word = context.matchBefore(/[\w]*/);
    const before = context.state.sliceDoc(Math.max(0, word.from - 2), word.from);
    if (!context.explicit && word.from === word.to && !/[.|"']$|\| $/.test(before)) return null;
    const options = typeof completions === "function"
      ? await completions({ text: context.state.sliceDoc(0, context.pos), explicit: context.explicit })
      : completions;
    if (!options?.length) return null;
    const back = options[0].back;
    return back === undefined ? { from: word.from, options, validFor: /^\w*$/ } : { from: context.pos - back, options };
  };

  // Typing over a selection is not left to the browser: it keeps the look of what it replaces in an inline style, which the content
  // security policy forbids. What it types goes the way of everything else that is typed.
  const overtype = (event, view) => {
    const { from, to, empty } = view.state.selection.main;
    if (event.inputType !== "insertText" || !event.data || empty || view.composing || view.state.readOnly) return false;
    event.preventDefault();
    const insert = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    if (!view.state.facet(EditorView.inputHandler).some((handler) => handler(view, from, to, event.data, insert))) view.dispatch(insert());
    return true;
  };

  const position = (state) => {
    const offset = state.selection.main.head;
    const line = state.doc.lineAt(offset);
    return { line: line.number, column: offset - line.from + 1, offset };
  };

  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc,
      extensions: [
        lineNumbers(), highlightActiveLineGutter(), lintGutter(), highlightSpecialChars(), history(), drawSelection(),
        bracketMatching(), closeBrackets(), highlightActiveLine(), highlightSelectionMatches(), search({ top: false }),
        autocompletion({ override: [complete], icons: false }),
        StreamLanguage.define(jinja2), syntaxHighlighting(ink),
        // Tab indents; Escape, then Tab leaves the editor (CodeMirror's own rule), so the keyboard is never caught
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...searchKeymap, ...historyKeymap, ...lintKeymap,
          { key: "Tab", run: indentMore, shift: indentLess }, ...defaultKeymap]),
        EditorView.domEventHandlers({ beforeinput: overtype }),
        EditorState.tabSize.of(4),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
        theme.of(paint(dark)),
        writable.of(lock(readOnly)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange?.(update.state.doc.toString());
          if (update.docChanged || update.selectionSet) onCursor?.(position(update.state));
        }),
      ],
    }),
  });

  const place = (problem) => {
    const document = view.state.doc;
    const line = document.line(Math.min(Math.max(problem.line | 0, 1), document.lines));
    const at = (column, otherwise) => (column ? Math.min(line.from + column - 1, line.to) : otherwise);
    const from = at(problem.column, line.from);
    return { from, to: Math.max(from, at(problem.endColumn, line.to)), message: problem.message,
      severity: problem.severity ?? "error" };
  };

  return {
    getDoc: () => view.state.doc.toString(),
    setDoc: (text) => {
      if (text !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    setProblems: (problems) => view.dispatch(setDiagnostics(view.state, problems.map(place))),
    setCompletions: (source) => { completions = source; },
    setDark: (on) => view.dispatch({ effects: theme.reconfigure(paint(on)) }),
    setReadOnly: (on) => view.dispatch({ effects: writable.reconfigure(lock(on)) }),
    goTo: (number) => {
      const line = view.state.doc.line(Math.min(Math.max(number | 0, 1), view.state.doc.lines));
      view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
