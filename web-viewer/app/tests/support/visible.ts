/** Scripts for a page. They reach into shadow roots, and judge nothing. */

declare global {
  interface Window {
    /** What canvases have written since the page began. */
    written: Set<string>;
  }
}

/** To be run before the page's own scripts. */
export function listenToCanvases(): void {
  window.written = new Set();
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text: string, ...at: [number, number, number?]) {
    window.written.add(text);
    return fillText.call(this, text, ...at);
  };
}

/** All texts that are shown, or told to those who don't see them. */
export function visibleTexts(): string[] {
  const texts = new Set<string>([document.title, ...window.written]);
  const walk = (root: Document | ShadowRoot): void => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) walk(element.shadowRoot);
      if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) || element.closest('script, style, head')) continue;
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) texts.add(node.textContent ?? '');
      for (const name of ['title', 'aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext', 'placeholder', 'alt']) texts.add(element.getAttribute(name) ?? '');
    }
  };
  walk(document);
  return [...texts].map((text) => text.trim()).filter((text) => text !== '');
}

/** What is wrong with where things are: a page that scrolls sideways, and controls that are cut off or lie over each other. */
export function brokenLayout(): string[] {
  const problems: string[] = [];
  if (document.scrollingElement!.scrollWidth > window.innerWidth) problems.push(`the page is ${document.scrollingElement!.scrollWidth} pixels wide`);
  const controls: { element: HTMLElement; box: { left: number; top: number; right: number; bottom: number }; dialog: Element | null }[] = [];
  const nameOf = (element: HTMLElement): string => `${element.tagName.toLowerCase()}.${element.className} "${(element.textContent ?? '').trim().slice(0, 40)}"`;
  const parentOf = (element: Element): Element | null => element.parentElement ?? ((element.getRootNode() as ShadowRoot).host as Element | undefined) ?? null;
  const walk = (root: Document | ShadowRoot): void => {
    for (const element of root.querySelectorAll<HTMLElement>('*')) {
      if (element.shadowRoot) walk(element.shadowRoot);
      if (!element.matches('button, a[href], input, select, [role=radio]') || !element.checkVisibility({ checkVisibilityCSS: true })) continue;
      const own = element.getBoundingClientRect();
      if (own.width === 0) continue;
      const box = { left: own.left, top: own.top, right: own.right, bottom: own.bottom };
      let scrolls = false;
      for (let around = parentOf(element); around; around = parentOf(around)) {
        const { overflowX, overflowY } = getComputedStyle(around);
        if (overflowX === 'visible' && overflowY === 'visible') continue;
        if (/auto|scroll/.test(overflowX + overflowY)) scrolls = true;
        const clip = around.getBoundingClientRect();
        box.left = Math.max(box.left, clip.left);
        box.top = Math.max(box.top, clip.top);
        box.right = Math.min(box.right, clip.right);
        box.bottom = Math.min(box.bottom, clip.bottom);
      }
      box.left = Math.max(box.left, 0);
      box.top = Math.max(box.top, 0);
      box.right = Math.min(box.right, window.innerWidth);
      box.bottom = Math.min(box.bottom, window.innerHeight);
      const isCut = box.right - box.left < own.width - 1 || box.bottom - box.top < own.height - 1;
      if (isCut && !scrolls) problems.push(`${nameOf(element)} is cut off by what is around it`);
      // Names of telemetry are as long as they are, and end in an ellipsis.
      if (element.scrollWidth > element.clientWidth + 1 && element.matches('.tool, .chip, .sort, nav a, form button')) problems.push(`${nameOf(element)} is wider than its place`);
      if (box.right > box.left && box.bottom > box.top) controls.push({ element, box, dialog: element.closest('[role=dialog]') });
    }
  };
  walk(document);
  controls.forEach((a, i) => {
    for (const b of controls.slice(i + 1)) {
      // Dialogs and heads of tables lie over what is below them on purpose.
      if (a.dialog !== b.dialog || a.element.closest('thead') !== b.element.closest('thead')) continue;
      const overlaps = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left) > 1 && Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top) > 1;
      if (overlaps && !a.element.contains(b.element) && !b.element.contains(a.element)) problems.push(`${nameOf(a.element)} lies over ${nameOf(b.element)}`);
    }
  });
  return problems;
}
