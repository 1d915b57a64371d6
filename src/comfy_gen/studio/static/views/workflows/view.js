/** Workflows: all of them, or the one that the address names. */

import { get } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { linkTo, place } from '../../core/router.js';
import { computed, effect, untracked } from '../../core/signals.js';
import { linkButton } from '../../parts/buttons.js';
import { head } from '../../parts/head.js';
import { empty, loaded } from '../../parts/states.js';
import { listing } from './listing.js';
import { one } from './one.js';

export function view() {
    const all = loaded(
        async (until) => /** @type {Wire<'Workflows'>} */ (await get('/workflows', {}, until)).workflows,
    );
    const name = computed(() => place.value.query.get('name') ?? '');
    const isThere = computed(() => all.data.value?.some((known) => known.name === name.value) ?? null);
    const root = h('div', { class: 'workflows-root' }, () => {
        const [wanted, found] = [name.value, name.value ? isThere.value : true];
        return untracked(() => shown(all, wanted, found));
    });
    effect(() => {
        void name.value;
        // Whoever came by a link that is gone now goes on at the top.
        queueMicrotask(() => {
            if (document.activeElement === document.body) root.querySelector('h1')?.focus();
        });
    });
    return root;
}

/**
 * @param {import('./listing.js').All} all
 * @param {string} name
 * @param {boolean | null} isThere Null while nobody knows.
 */
function shown(all, name, isThere) {
    if (!name) return listing(all);
    if (isThere) return one(name, all);
    return h(
        'div',
        { class: 'view' },
        head(name),
        all.show(() => (isThere === null ? null : unknown(name)), 'the workflow'),
    );
}

/** @param {string} name */
const unknown = (name) =>
    empty({
        icon: 'workflows',
        title: `No workflow is called ${name}`,
        text: 'It may have been deleted, or called otherwise.',
        actions: [linkButton({ label: 'All workflows', href: linkTo('workflows'), icon: 'workflows', kind: 'main' })],
    });
