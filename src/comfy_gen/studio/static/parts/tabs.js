/** Tabs, after the ARIA pattern: arrows go from one to the next, and only the one that is open can be reached by Tab. */

import { h, uniqueId } from '../core/dom.js';
import { computed } from '../core/signals.js';

/**
 * @param {string} label What all of them are about.
 * @param {ReadonlyArray<{ id: string, title: string, show: () => Node }>} list
 * @param {import('./fields.js').Bound<string>} current
 */
export function tabs(label, list, current) {
    const id = uniqueId('tabs');
    const open = computed(() => list.find((one) => one.id === current.value) ?? list[0]);
    const press = (/** @type {KeyboardEvent} */ event) => {
        const at = list.findIndex(({ id: one }) => one === open.peek()?.id);
        /** @type {Record<string, number>} */
        const targets = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: list.length - 1 };
        const target = targets[event.key];
        if (target === undefined) return;
        event.preventDefault();
        const next = list.at(target % list.length);
        if (!next) return;
        current.value = next.id;
        document.getElementById(`${id}-${next.id}`)?.focus();
    };
    return h(
        'div',
        { class: 'stack' },
        h(
            'div',
            { class: 'tabs', role: 'tablist', 'aria-label': label, onkeydown: press },
            list.map((one) =>
                h(
                    'button',
                    {
                        type: 'button',
                        role: 'tab',
                        id: `${id}-${one.id}`,
                        class: 'tab',
                        'aria-selected': () => String(open.value === one),
                        'aria-controls': `${id}-panel`,
                        tabindex: () => (open.value === one ? '0' : '-1'),
                        onclick: () => {
                            current.value = one.id;
                        },
                    },
                    one.title,
                ),
            ),
        ),
        h(
            'div',
            { id: `${id}-panel`, role: 'tabpanel', 'aria-labelledby': () => `${id}-${open.value?.id}`, tabindex: '0' },
            () => open.value?.show(),
        ),
    );
}
