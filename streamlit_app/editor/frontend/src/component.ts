/** What Streamlit hands to a component on every render. */
export interface Component<Data> {
  data: Data;
  parentElement: HTMLElement | ShadowRoot;
  setStateValue(name: string, value: unknown): void;
}

/** One mounted widget: kept over renders, told about new data. */
export interface Widget<Data> {
  update(component: Component<Data>): void;
  destroy(): void;
}

/**
 * Turn a widget class into the function Streamlit calls on every render.
 *
 * Streamlit may run the cleanup of an overtaken render after a newer render took over the same
 * widget, so only the cleanup of the latest render may destroy it.
 */
export function mounter<Data>(
  create: (host: HTMLElement, component: Component<Data>) => Widget<Data>,
): (component: Component<Data>) => () => void {
  const mounted = new WeakMap<Node, { widget: Widget<Data>; render: number }>();
  return (component) => {
    const place = component.parentElement;
    let entry = mounted.get(place);
    if (entry) {
      entry.widget.update(component);
    } else {
      const host = place.querySelector<HTMLElement>("[data-host]");
      if (!host) throw new Error("The component has no host element");
      entry = { widget: create(host, component), render: 0 };
      mounted.set(place, entry);
    }
    const { widget } = entry;
    const render = ++entry.render;
    return () => {
      if (mounted.get(place)?.render !== render) return;
      mounted.delete(place);
      widget.destroy();
    };
  };
}
