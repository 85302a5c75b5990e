// The contrast (WCAG 2.2, 1.4.3) of all visible text with its ground: the worst by element name.
() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const pixel = (...layers) => {
    for (const layer of layers) { context.fillStyle = layer; context.fillRect(0, 0, 1, 1); }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const grounds = (element) => {
    const own = getComputedStyle(element);
    const tints = own.backgroundImage.match(/rgba?\([^)]*\)/g);
    if (tints && element.matches(".mark")) {
      const fill = own.getPropertyValue("--fill").match(/#[0-9a-f]{6}/g);
      return fill.map((tint) => [tint]);
    }
    const above = element.parentElement ? grounds(element.parentElement) : [["#fff"]];
    return above.map((layers) => [...layers, own.backgroundColor]);
  };
  const worst = {};
  for (const element of document.body.querySelectorAll("*")) {
    if (element.matches("script, option, rect, svg, progress, input")) continue;
    if (!element.checkVisibility()) continue;
    const says = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!says && !element.matches("[data-tag]")) continue;
    for (const ground of grounds(element)) {
      const least = contrast(pixel(...ground, getComputedStyle(element).color), pixel(...ground));
      const name = `${element.localName}.${element.className}`;
      worst[name] = Math.min(worst[name] ?? 21, least);
    }
  }
  return worst;
}
