/** Makes an element. Strings become text nodes, so nothing given here is ever parsed as markup. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, ...content: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...content);
  return made;
}

/** `title` says more than the label; where that is only a sign, it is the name. */
export function button(className: string, label: string, title: string, pressed: () => void): HTMLButtonElement {
  const made = element('button', className, label);
  made.type = 'button';
  made.title = title;
  if (!/\p{L}/u.test(label)) made.setAttribute('aria-label', title);
  made.addEventListener('click', pressed);
  return made;
}

/** Puts other content into an element. The focus, if one of its buttons or links had it, goes to what is in that place then, so that keys go on from there. */
export function refill(root: HTMLElement, ...content: readonly Node[]): void {
  const places = (): HTMLElement[] => [...root.querySelectorAll<HTMLElement>('button, a[href]')];
  const within = root.getRootNode();
  const focused = within instanceof ShadowRoot || within instanceof Document ? within.activeElement : null;
  const at = places().findIndex((each) => each === focused);
  root.replaceChildren(...content);
  if (at >= 0) (places()[at] ?? root).focus({ preventScroll: true });
}

/** Gives an element a shadow root with these style sheets, one after the other. */
export function styledShadow(host: HTMLElement, ...styles: readonly string[]): ShadowRoot {
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  shadow.adoptedStyleSheets = styles.map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  return shadow;
}
