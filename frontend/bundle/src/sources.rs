//! What is not wasm: scripts and style sheets (through esbuild), fonts, and the licences that travel with them.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The cascade, weakest first: `style/NAME.css`, then `style/NAME/*.css` by name.
const LAYERS: [&str; 5] = ["tokens", "base", "layout", "components", "pages"];

/// Runs esbuild with `arguments` and gives what it prints.
fn esbuild(arguments: &[&str]) -> Result<Vec<u8>> {
    let program = "frontend/node_modules/.bin/esbuild";
    let out = Command::new(program)
        .args(arguments)
        .args(["--minify", "--legal-comments=none", "--log-level=warning", "--charset=utf8"])
        // wasm-bindgen names a module once for each function of it
        .arg("--log-override:duplicate-object-key=silent")
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("running {program}: has npm ci been run in frontend/?"))?;
    ensure!(out.status.success(), "esbuild {} failed", arguments.join(" "));
    Ok(out.stdout)
}

/// One ES module with everything it imports; the name `glue` in it means the glue of a wasm.
pub fn script(entry: &str, glue: Option<&Path>) -> Result<Vec<u8>> {
    let mut arguments = vec![entry, "--bundle", "--format=esm", "--target=es2022"];
    let alias = glue.map(std::path::absolute).transpose()?.map(|glue| format!("--alias:glue={}", glue.display()));
    arguments.extend(alias.as_deref());
    esbuild(&arguments)
}

/// A script that runs before the page is drawn, hence no module.
pub fn classic_script(entry: &str) -> Result<Vec<u8>> {
    esbuild(&[entry, "--target=es2022"])
}

/// The whole style sheet; `fonts` are the addresses of [`FONTS`], which it calls `fonts/NAME.woff2`. A file that belongs to
/// no layer is an error, not a surprise in the cascade.
pub fn stylesheet(fonts: &[String], work: &str) -> Result<Vec<u8>> {
    let mut text = layer_order();
    let mut known = Vec::new();
    for layer in LAYERS {
        for path in layer_files(layer)? {
            text.push_str(&std::fs::read_to_string(&path)?);
            text.push('\n');
            known.push(path);
        }
    }
    for entry in std::fs::read_dir("style").into_iter().flatten().flatten() {
        let path = entry.path();
        let stray = path.extension().is_some_and(|e| e == "css") && !known.contains(&path);
        ensure!(!stray, "{} belongs to none of the layers {}", path.display(), LAYERS.join(", "));
    }
    for (font, path) in FONTS.iter().zip(fonts) {
        let file = path.rsplit('/').next().unwrap_or(path);
        let name = format!("fonts/{}.woff2", font.name);
        ensure!(text.contains(&format!("url(\"{name}\")")), "style/ does not use the font {name}");
        text = text.replace(&format!("url(\"{name}\")"), &format!("url(\"{file}\")"));
    }
    ensure!(!text.contains("url(\"fonts/"), "style/ names a font that frontend/bundle does not ship");
    minify_css(&text, &format!("{work}/peerage.css"))
}

/// What stands in the page itself: the tokens and the shell.
pub fn inline_style(work: &str) -> Result<String> {
    let mut text = layer_order();
    for path in layer_files("tokens")? {
        text.push_str(&std::fs::read_to_string(path)?);
    }
    text.push_str(&std::fs::read_to_string("frontend/shell.css")?);
    Ok(String::from_utf8(minify_css(&text, &format!("{work}/inline.css"))?)?.trim_end().to_owned())
}

fn layer_order() -> String {
    format!("@layer {};\n", LAYERS.join(", "))
}

fn layer_files(layer: &str) -> Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    let single = Path::new("style").join(format!("{layer}.css"));
    if single.exists() {
        files.push(single);
    }
    let folder = Path::new("style").join(layer);
    if folder.is_dir() {
        let mut parts: Vec<_> = std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
        parts.retain(|path| path.extension().is_some_and(|e| e == "css"));
        parts.sort();
        files.append(&mut parts);
    }
    Ok(files)
}

/// No `--target`: nesting, `light-dark()` and layers are meant to reach the browser as they are.
fn minify_css(text: &str, scratch: &str) -> Result<Vec<u8>> {
    std::fs::write(scratch, text)?;
    esbuild(&[scratch])
}

/// A font that Peerage ships: the Latin subset of a variable font, from its npm package.
pub struct Font {
    pub role: &'static str,
    /// The file's name, and the folder of its package.
    pub name: &'static str,
}

pub const FONTS: [Font; 2] =
    [Font { role: "font_sans", name: "inter" }, Font { role: "font_mono", name: "jetbrains-mono" }];

impl Font {
    fn package(&self) -> String {
        format!("frontend/node_modules/@fontsource-variable/{}", self.name)
    }

    pub fn bytes(&self) -> Result<Vec<u8>> {
        let path = format!("{}/files/{}-latin-wght-normal.woff2", self.package(), self.name);
        std::fs::read(&path).with_context(|| format!("reading {path}"))
    }
}

/// Other people's work inside the bundle, with the texts that their licences ask to be passed on.
pub fn licences() -> Result<Vec<u8>> {
    let mut text = String::from("Parts of this interface are other people's work, under these licences.\n");
    let modules = "frontend/node_modules";
    for (what, path) in [
        ("The font Inter", "@fontsource-variable/inter/LICENSE"),
        ("The font JetBrains Mono", "@fontsource-variable/jetbrains-mono/LICENSE"),
        ("CodeMirror", "@codemirror/view/LICENSE"),
    ] {
        let licence =
            std::fs::read_to_string(format!("{modules}/{path}")).with_context(|| format!("reading {path}"))?;
        write!(text, "\n\n==== {what}\n\n{}\n", licence.trim())?;
    }
    Ok(text.into_bytes())
}
