/** One category, and all that it brings. */

import { get } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { linkTo } from '../../core/router.js';
import { capital } from '../../core/words.js';
import { button, linkButton } from '../../parts/buttons.js';
import { openDialog } from '../../parts/dialogs.js';
import { loaded } from '../../parts/states.js';

/** @typedef {Wire<'CategoryDetail'>} Detail */

/**
 * Show a category until somebody closes it; true where they want to use it.
 * @param {string} id
 * @returns {Promise<boolean | undefined>}
 */
export function showCategory(id) {
    return openDialog(`@${id}`, (/** @type {(used?: boolean) => void} */ close) => {
        const category = loaded((until) => get(`/categories/${encodeURIComponent(id)}`, {}, until));
        return [
            category.show((/** @type {Wire<'OneCategory'>} */ found) => told(found.category), 'the category'),
            h(
                'footer',
                null,
                linkButton({
                    label: 'Pictures of it',
                    icon: 'gallery',
                    href: linkTo('gallery', { category: id }),
                    more: { onclick: () => close() },
                }),
                button({ label: 'Use it', icon: 'create', kind: 'main', onclick: () => close(true) }),
            ),
        ];
    });
}

/** @param {Detail} one */
function told(one) {
    const { positive_fragments: wanted = {}, negative_fragments: unwanted = {} } =
        /** @type {Record<string, Record<string, string[]>>} */ (one.prompts);
    const { enhances, conflicts_with: excludes } = /** @type {Record<string, string[]>} */ (one.composition);
    const { preferred } = /** @type {Record<string, string[]>} */ (one.workflows);
    return h(
        'div',
        { class: 'stack' },
        h(
            'div',
            { class: 'row' },
            h('strong', null, one.display_name),
            h('span', { class: ['chip', one.type] }, one.type),
        ),
        h('p', null, one.description),
        h(
            'dl',
            { class: 'facts' },
            fact('Adds to the prompt', wanted.required),
            fact('May add', wanted.optional),
            fact('Keeps out', [...(unwanted.required ?? []), ...(unwanted.optional ?? [])]),
            fact(
                'Settings',
                Object.entries(one.settings)
                    .filter(([, value]) => value !== null)
                    .map(([name, value]) => `${name} ${setting(value)}`),
            ),
            fact('LoRAs', lorasOf(one)),
            fact('Workflows', preferred),
            fact('Goes well with', enhances),
            fact('Does not go with', excludes),
            fact('Found by', [...(one.keywords['primary'] ?? []), ...(one.keywords['specific'] ?? [])]),
        ),
    );
}

/**
 * @param {string} name
 * @param {readonly unknown[] | undefined} values
 */
function fact(name, values) {
    return values?.length ? [h('dt', null, capital(name)), h('dd', null, values.map(String).join(', '))] : null;
}

/** @param {any} value A range, a choice, or what a size is to be like. */
function setting(value) {
    if (typeof value !== 'object') return String(value);
    if ('aspect_ratio' in value) return value.aspect_ratio;
    const { min, max, default: usual } = value;
    return usual === null ? `${min} to ${max}` : `${usual} (${min} to ${max})`;
}

/** @param {Detail} one */
function lorasOf(one) {
    const { required = [], recommended = [] } =
        /** @type {Record<string, Array<{ filename: string, strength?: number }>>} */ (one.loras);
    return [...required, ...recommended].map((lora) => `${lora.filename} at ${lora.strength ?? 1}`);
}
