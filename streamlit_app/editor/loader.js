// Inline component code runs from a blob: URL, which can't import by path: the address is built here.
const script = performance
  .getEntriesByType("resource")
  .map((entry) => entry.name)
  .find((name) => /\/static\/js\/index\.[^/]+\.js$/.test(name))
// The page's own script names the root also behind a proxy prefix and on addresses below a page.
const root = script ? script.replace(/static\/js\/[^/]+$/, "") : new URL(".", document.baseURI).href
const address = new URL("app/static/__ASSET__", root).href

export default async function (component) {
  const host = component.parentElement.querySelector("[data-host]")
  const { height, minHeight = height } = component.data
  host.style.minHeight = `${minHeight}px`
  try {
    const bundle = await import(address)
    host.removeAttribute("role")
    return bundle.__MOUNT__(component)
  } catch (error) {
    console.error(error)
    host.setAttribute("role", "alert")
    host.textContent = "The editor could not be loaded. Reload the page."
  }
}
