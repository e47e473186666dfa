// A classic script in old JavaScript, so that a browser without modules can run it: the page then
// says what to do.
// biome-ignore lint/complexity/useOptionalChain: such a browser does not know it
if (!HTMLScriptElement.supports || !HTMLScriptElement.supports("importmap"))
  document.documentElement.className = "too-old";
