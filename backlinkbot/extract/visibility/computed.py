"""A script for the browser that marks the hidden links of a rendered page with an attribute.

The browser knows every style sheet, condition and script, and where a link ends up. The attribute's name is chosen anew
for each page, so that no page can write it; what it says is hostile text all the same.
"""

from __future__ import annotations

from typing import Final

JUDGED: Final = "judged"
"""The attribute's value on ``<html>`` once every link has been examined."""

SCRIPT: Final = """
(mark) => {
  const MOST_LINKS = 20000, LEAST_ALPHA = 0.05, LEAST_CONTRAST = 1.1, TINY = 1;
  const PICTURES = 'button,canvas,embed,iframe,img,input,object,svg,video';
  const known = new Map();
  const styleOf = (element) => {
    if (!known.has(element)) known.set(element, getComputedStyle(element));
    return known.get(element);
  };
  const around = (node) => {
    if (node.assignedSlot) return node.assignedSlot;
    if (node.parentElement) return node.parentElement;
    const root = node.getRootNode();
    return root instanceof ShadowRoot ? root.host : null;
  };
  const on = (element, link) => (element === link ? '' : ' on ' + element.localName);

  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((c) => {
      c /= 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const parse = (value) => {
    const found = /^rgba?\\(([\\d.]+), ([\\d.]+), ([\\d.]+)(?:, ([\\d.]+))?\\)$/.exec(value);
    return found && [+found[1], +found[2], +found[3], found[4] === undefined ? 1 : +found[4]];
  };
  const over = (top, ground) => top.slice(0, 3).map((c, i) => c * top[3] + ground[i] * (1 - top[3])).concat(1);
  const hex = (colour) => '#' + colour.slice(0, 3).map((c) => Math.round(c).toString(16).padStart(2, '0')).join('');

  // What is behind an element; null where it is no plain colour, or may be something that is not around it.
  const groundOf = (element) => {
    const layers = [];
    for (let e = element; e; e = around(e)) {
      const style = styleOf(e);
      if (style.backgroundImage !== 'none') return null;
      const colour = parse(style.backgroundColor);
      if (!colour) return null;
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
      if (style.position === 'absolute' || style.position === 'fixed') return null;
    }
    let ground = [255, 255, 255, 1];
    for (const layer of layers.reverse()) ground = over(layer, ground);
    return ground;
  };

  const emptyShape = (value) => {
    const found = /^(inset|circle|ellipse|polygon)\\(([^()]*)\\)/.exec(value);
    if (!found) return false;
    const words = found[2].split(/ round | at /)[0].trim().split(/[ ,]+/);
    if (found[1] === 'polygon') {
      const points = new Set(found[2].split(',').map((point) => point.trim()));
      return points.size === 1;
    }
    if (found[1] !== 'inset') return words.some((word) => parseFloat(word) === 0);
    const [top, right = top, bottom = top, left = right] = words;
    const sum = (a, b) => ([a, b].every((side) => /%$|^0px$/.test(side)) ? parseFloat(a) + parseFloat(b) : 0);
    return sum(top, bottom) >= 100 || sum(left, right) >= 100;
  };
  const emptyClip = (value) => {
    const found = /^rect\\(([^()]*)\\)$/.exec(value);
    if (!found) return false;
    const [top, right, bottom, left] = found[1].split(/[ ,]+/).map(parseFloat);
    return bottom - top <= TINY || right - left <= TINY;
  };

  // What hides an element with all that is in it, whatever that is.
  const boxes = new Map();
  const ofBox = (element) => {
    const path = [];
    let e = element;
    for (; e && !boxes.has(e); e = around(e)) path.push(e);
    let found = e ? boxes.get(e) : null;
    for (const inner of path.reverse()) {
      const tag = inner.localName, style = styleOf(inner);
      if (!found && tag !== 'html' && tag !== 'body') {
        let why = '';
        if (style.display === 'none') why = 'display:none';
        else if (+style.opacity < LEAST_ALPHA) why = 'opacity:' + style.opacity;
        else if (/\\bopacity\\(0(\\.0[0-4]\\d*)?\\)/.test(style.filter)) why = 'filter:' + style.filter;
        else if (style.contentVisibility === 'hidden' && !/^(inline|contents)$/.test(style.display)) why = 'content-visibility:hidden';
        else if (/^(absolute|fixed)$/.test(style.position) && emptyClip(style.clip)) why = 'clip:' + style.clip;
        else if (style.display !== 'contents' && emptyShape(style.clipPath)) why = 'clip-path:' + style.clipPath;
        if (why) found = { why, element: inner };
      }
      boxes.set(inner, found);
    }
    return found;
  };

  const outside = (rect) => rect.right + scrollX <= 0 || rect.bottom + scrollY <= 0;
  const flat = (rect) => rect.width <= TINY || rect.height <= TINY;
  const size = (rect) => Math.round(rect.width) + 'x' + Math.round(rect.height);

  // What cuts a part off: a box of no size around it.
  const ofClipping = (element, link) => {
    let isPositioned = false;
    for (let e = element; e; e = around(e)) {
      const style = styleOf(e), tag = e.localName;
      if (tag === 'html' || tag === 'body') break;
      const cuts = (style.overflowX !== 'visible' && e.clientWidth <= TINY) ||
        (style.overflowY !== 'visible' && e.clientHeight <= TINY);
      if (style.display !== 'inline' && style.display !== 'contents' && cuts && !(isPositioned && style.position === 'static'))
        return `size ${e.clientWidth}x${e.clientHeight} overflow:${style.overflowX}${on(e, link)}`;
      if (style.position === 'fixed') break;
      if (style.position === 'absolute') isPositioned = true;
      else if (style.position !== 'static') isPositioned = false;
    }
    return '';
  };

  const isDot = (image) => ['width', 'height'].some((side) => {
    const written = image.style[side] || image.getAttribute(side) || '';
    return /^\\s*[01](\\.\\d*)?(px)?\\s*$/.test(written);
  });

  const ofPart = (element, rects, isText, link) => {
    const box = ofBox(element);
    if (box) return box.why + on(box.element, link);
    const style = styleOf(element);
    if (style.visibility !== 'visible') return 'visibility:' + style.visibility + on(element, link);
    if (isText && parseFloat(style.fontSize) <= TINY) return 'font-size:' + style.fontSize + on(element, link);
    // No image is fetched for a page that we render, so one without a size of its own has none here.
    const isUnloaded = element.localName === 'img' && !element.naturalWidth && !isDot(element);
    const large = isUnloaded ? rects : rects.filter((rect) => !flat(rect));
    if (!large.length) return 'size ' + (rects.length ? size(rects[0]) : '0x0') + on(element, link);
    if (large.every(outside))
      return `off-screen at ${Math.round(large[0].left + scrollX)},${Math.round(large[0].top + scrollY)}` + on(element, link);
    const cut = ofClipping(element, link);
    if (cut || !isText) return cut;
    if (style.textShadow !== 'none' || style.backgroundClip === 'text') return '';
    const colour = parse(style.webkitTextFillColor || style.color);
    if (!colour) return '';
    if (colour[3] < LEAST_ALPHA) return 'color:transparent' + on(element, link);
    const ground = groundOf(element);
    if (ground && contrast(over(colour, ground), ground) < LEAST_CONTRAST)
      return `color:${hex(over(colour, ground))} on background ${hex(ground)}`;
    return '';
  };

  const hasPicture = (element) => {
    for (const pseudo of ['::before', '::after']) {
      const style = getComputedStyle(element, pseudo);
      if (style.content !== 'none' && style.content !== 'normal' && style.display !== 'none') return true;
    }
    return styleOf(element).backgroundImage !== 'none';
  };

  const ofLink = (link) => {
    const box = ofBox(link);
    if (box) return box.why + on(box.element, link);
    const parts = [];
    const pictures = new Set();
    const collect = (root) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
      for (let node = walker.currentNode; node && parts.length <= 50; node = walker.nextNode()) {
        if (node.nodeType === 3) {
          if (node.data.trim() && !/^(script|style|template)$/.test(node.parentNode.localName)) {
            const range = document.createRange();
            range.selectNodeContents(node);
            parts.push([node.parentElement || link, [...range.getClientRects()], true]);
          }
        } else if (node.nodeType === 1) {
          if (node.shadowRoot) collect(node.shadowRoot);
          if (node !== link && node.matches(PICTURES)) parts.push([node, [...node.getClientRects()], false]);
          if (hasPicture(node)) pictures.add(node);
        }
      }
    };
    collect(link);
    for (const element of pictures) parts.push([element, [...element.getClientRects()], false]);
    if (parts.length > 50) return '';
    if (!parts.length) parts.push([link, [...link.getClientRects()], false]);
    let found = '';
    for (const [element, rects, isText] of parts) {
      found = ofPart(element, rects, isText, link);
      if (!found) return '';
    }
    return found;
  };

  const ofArea = (area) => {
    const map = area.closest('map');
    const name = map && map.name;
    let found = 'map without a picture';
    for (const image of name ? area.getRootNode().querySelectorAll('img[usemap]') : []) {
      if (image.useMap !== '#' + name) continue;
      found = ofPart(image, [...image.getClientRects()], false, null);
      if (!found) return '';
    }
    return found;
  };

  let count = 0;
  const walk = (root) => {
    for (const link of root.querySelectorAll('a, area')) {
      if (count++ >= MOST_LINKS) return;
      if (!link.hasAttribute('href') && !link.hasAttribute('xlink:href')) continue;
      try {
        const found = link.localName === 'area' ? ofArea(link) : ofLink(link);
        if (found) link.setAttribute(mark, 'computed ' + found);
      } catch (error) {
        continue;
      }
    }
    for (const host of root.querySelectorAll('*')) if (host.shadowRoot) walk(host.shadowRoot);
  };
  walk(document);
  document.documentElement?.setAttribute(mark, 'judged');
  return count;
}
"""
"""An expression whose value is a function of the attribute's name; it returns how many links
there are, of which the first 20,000 are judged."""
