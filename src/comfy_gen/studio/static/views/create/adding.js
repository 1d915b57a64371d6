/** Adds categories by their type: a search for each of the four. */

import { h } from '../../core/dom.js';
import { combobox } from '../../parts/combobox.js';
import { KINDS } from './reading.js';

/**
 * @param {import('./kit.js').Kit} kit
 * @param {(text: string) => void} insert
 */
export function adding({ choices }, insert) {
    const nothing = { value: '' };
    return h(
        'div',
        { class: 'create-adding', role: 'group', 'aria-label': 'Add categories' },
        Object.entries(KINDS).map(([kind, title]) =>
            combobox(
                `Add ${title.toLowerCase()}`,
                nothing,
                () =>
                    (choices.categories.data.value ?? [])
                        .filter((one) => one.type === kind)
                        .map((one) => ({ value: one.id, label: one.display_name, detail: `@${one.id}` })),
                {
                    isBare: true,
                    placeholder: `+ ${title}`,
                    onchoose: (one) => insert(`@${one.value}`),
                },
            ),
        ),
    );
}
