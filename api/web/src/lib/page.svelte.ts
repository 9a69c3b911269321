// The page that is shown: it follows the fragment of the address.

import { hrefOf, parseRoute, type Route } from './route.js';

class Page {
  route = $state.raw<Route>(parseRoute(location.hash));

  constructor() {
    addEventListener('hashchange', () => {
      this.route = parseRoute(location.hash);
    });
  }

  go(route: Route): void {
    location.hash = hrefOf(route);
  }
}

export const page = new Page();
