/**
 * Vite plugin: who reads a link's picture (chats, networks) wants its whole address, which only the
 * host knows. `SITE_URL=https://host/folder/ npm run build` writes it; without it the address stays
 * relative, which some readers understand.
 */
import type { Plugin } from 'vite';

export function siteAddress(site = process.env['SITE_URL']): Plugin {
  return {
    name: 'site-address',
    transformIndexHtml(html) {
      if (site === undefined || site === '') return html;
      return withAddress(html, site);
    },
  };
}

/** @param site URL of the page's folder; @throws TypeError if it is none */
export function withAddress(html: string, site: string): string {
  const folder = new URL(site.endsWith('/') ? site : `${site}/`);
  const picture = new URL('about/link.jpg', folder).href;
  return html
    .replace(/(property="og:image" content=")[^"]*/, `$1${picture}`)
    .replace('<title>', `<meta property="og:url" content="${folder.href}" />\n    <title>`);
}
