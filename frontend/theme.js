// Puts the person's theme and density on <html> before the first paint. A classic script, so that it runs before the
// body is drawn; a file of its own, because the content security policy refuses inline scripts.
(() => {
  const root = document.documentElement.dataset;
  const keep = (name, values) => {
    let value = null;
    try { value = localStorage.getItem("peerage." + name); } catch { /* storage is off: the defaults stand */ }
    if (values.includes(value)) root[name] = value;
  };
  keep("theme", ["light", "dark", "auto"]);
  keep("density", ["compact", "normal", "roomy"]);
})();
