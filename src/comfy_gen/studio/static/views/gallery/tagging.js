/** Gives tags, with suggestions of those that there are. */

import { h } from '../../core/dom.js';
import { signal } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { combobox } from '../../parts/combobox.js';
import { openDialog } from '../../parts/dialogs.js';
import { icon } from '../../parts/icons.js';
import { report } from '../../parts/toasts.js';
import { choicesOf, facets } from './facets.js';
import { tagOf } from './opinions.js';

/**
 * The tags of one picture, to add to and to take from.
 * @param {() => readonly string[]} tags
 * @param {(tags: string[]) => Promise<unknown>} change
 */
export function tagsField(tags, change) {
    const set = (/** @type {string[]} */ next) => change(next).catch(report);
    const add = (/** @type {{ value: string }} */ { value }) => {
        const word = tagOf(value);
        if (word && !tags().includes(word)) set([...tags(), word]);
    };
    const left = () => facets.value.tags.filter(({ name }) => !tags().includes(name));
    return h(
        'div',
        { class: 'stack tight' },
        combobox('Tags', signal(''), () => choicesOf(left()), {
            isFree: true,
            placeholder: 'Add a tag',
            onchoose: add,
        }),
        h('div', { class: 'row', hidden: () => !tags().length }, () =>
            tags().map((word) =>
                h(
                    'button',
                    {
                        type: 'button',
                        class: 'chip',
                        'aria-label': `Remove the tag ${word}`,
                        onclick: () => set(tags().filter((one) => one !== word)),
                    },
                    h('span', { class: 'ellipsis' }, word),
                    icon('cancel'),
                ),
            ),
        ),
    );
}

/**
 * Ask for a tag; undefined where nobody gives one.
 * @param {string} title
 * @returns {Promise<string | undefined>}
 */
export function askForTag(title) {
    return openDialog(title, (/** @type {(word?: string) => void} */ close) => {
        const word = signal('');
        return h(
            'form',
            {
                class: 'stack',
                onsubmit: (/** @type {Event} */ event) => {
                    event.preventDefault();
                    if (tagOf(word.peek())) close(tagOf(word.peek()));
                },
            },
            combobox('Tag', word, () => choicesOf(facets.value.tags), {
                isFree: true,
                hint: 'One of those that there are, or a new one. What has a tag is a favourite.',
            }),
            h(
                'footer',
                null,
                button({ label: 'Cancel', onclick: () => close() }),
                button({ label: 'Add the tag', kind: 'main', more: { type: 'submit' } }),
            ),
        );
    });
}
