// Light, dark, or as the system has it. The choice is kept in this browser.

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
const KEY = 'farthing.theme';

class ThemeChoice {
  theme = $state<Theme>(read());

  constructor() {
    this.#show();
  }

  choose(theme: Theme): void {
    this.theme = theme;
    this.#show();
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // A browser that keeps nothing shows the choice until it closes.
    }
  }

  #show(): void {
    document.documentElement.dataset['theme'] = this.theme;
  }
}

function read(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === kept) ?? 'auto';
  } catch {
    return 'auto';
  }
}

export const choice = new ThemeChoice();
