/** What is typed and has not reached the server, kept by this tab: over reloads and lost connections. */
interface Stashed {
  text: string;
  at: number;
}

// Older ones say what nobody remembers: another tab or person may have gone on since.
const LONGEST_MS = 15 * 60 * 1000;

export class Stash {
  /** Without a name nothing is kept. */
  constructor(private readonly name: string) {}

  put(text: string): void {
    this.use((store, name) => store.setItem(name, JSON.stringify({ text, at: Date.now() })));
  }

  drop(): void {
    this.use((store, name) => store.removeItem(name));
  }

  find(): string | null {
    return (
      this.use((store, name) => {
        const { text, at } = JSON.parse(store.getItem(name) ?? "{}") as Partial<Stashed>;
        const isFresh = at !== undefined && Date.now() - at < LONGEST_MS;
        return isFresh && text !== undefined ? text : null;
      }) ?? null
    );
  }

  /** Storage may be full or forbidden: then there is no second net. */
  private use<T>(act: (store: Storage, name: string) => T): T | undefined {
    if (!this.name) return undefined;
    try {
      return act(window.sessionStorage, `prompthub.${this.name}`);
    } catch {
      return undefined;
    }
  }
}
