/** The bar that is there while pictures are chosen: how many, and what can be done with them. */

import { h } from '../../core/dom.js';
import { may } from '../../core/session.js';
import { amount } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { menu } from '../../parts/menus.js';

const COMPARED = 4;

/**
 * @param {import('./selection.js').Selection} selection
 * @param {import('./actions.js').Actions} actions
 * @param {{ compare: (tiles: readonly Wire<'Tile'>[]) => void, all: () => Promise<void> }} further
 */
export function choosing(selection, actions, { compare, all }) {
    const { tiles, size } = selection;
    const isComparable = () => size.value >= 2 && size.value <= COMPARED;
    const isRefused = () => !may('generate');
    const one = (/** @type {Partial<import('../../parts/buttons.js').ButtonOptions> & { label: any }} */ options) =>
        button({ kind: 'quiet', ...options });
    return h(
        'div',
        { class: 'gallery-bar', role: 'toolbar', 'aria-label': 'Chosen pictures', hidden: () => !size.value },
        button({ label: 'Choose none', icon: 'cancel', kind: 'quiet', isBare: true, onclick: () => selection.clear() }),
        h('strong', { class: 'number', role: 'status' }, () => `${amount(size.value, 'picture')} chosen`),
        h('span', { class: 'grow' }),
        one({
            label: 'Compare',
            icon: 'compare',
            disabled: () => !isComparable(),
            onclick: () => compare(tiles.peek()),
            more: { title: 'Two to four, side by side' },
        }),
        one({
            label: 'Favourite',
            icon: 'heart',
            disabled: isRefused,
            onclick: () => actions.like(tiles.peek()),
        }),
        one({ label: 'Download', icon: 'download', onclick: () => actions.download(tiles.peek()) }),
        menu('More to do with them', () => [
            { label: 'Choose all', icon: 'check', do: all },
            { label: 'Rate …', icon: 'star', disabled: isRefused(), do: () => actions.rate(tiles.peek()) },
            { label: 'Tag …', icon: 'tag', disabled: isRefused(), do: () => actions.tag(tiles.peek()) },
            {
                label: 'Delete …',
                icon: 'trash',
                kind: 'danger',
                disabled: isRefused(),
                do: () => actions.remove(tiles.peek()),
            },
        ]),
    );
}
