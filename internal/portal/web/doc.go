// Package web is what the pages of this program share: words by language, assets, sealed cookies, headers, and how often somebody
// may ask. It knows no page and no upgrade.
package web
