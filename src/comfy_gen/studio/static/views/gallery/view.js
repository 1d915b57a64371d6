/** Gallery: all pictures that there are, to look at, to find, and to go on from. */

import { h } from '../../core/dom.js';
import { keptSignal } from '../../core/kept.js';
import { go, linkTo, place } from '../../core/router.js';
import { effect, ended, signal, untracked } from '../../core/signals.js';
import { amount } from '../../core/words.js';
import { button, linkButton } from '../../parts/buttons.js';
import { head } from '../../parts/head.js';
import { empty, loading, problem } from '../../parts/states.js';
import { report } from '../../parts/toasts.js';
import { actions as actionsOf } from './actions.js';
import { choosing } from './choosing.js';
import { loadFacets } from './facets.js';
import { filtering } from './filtering.js';
import { ALL, isNarrowed, isSame, readFilters, wordsOf } from './filters.js';
import { grid } from './grid.js';
import { listing as listed } from './listing.js';
import { opening } from './opening.js';
import { selection as chosen } from './selection.js';

/** @typedef {import('./filters.js').Filters} Filters */

const SMALLEST = 96;
const LARGEST = 400;
const size = keptSignal('gallery-size', 190);
const isWhole = keptSignal('gallery-whole', false);

/** Where somebody was in which list, for when they come back to it. */
let left = { words: '', top: 0 };

export function view() {
    const filters = signal(readFilters(place.peek().query));
    const listing = listed();
    const selection = chosen();
    const actions = actionsOf({
        patch: (id, opinion) => {
            listing.patch(id, opinion);
            selection.patch(id, opinion);
        },
        gone: (ids) => {
            selection.drop(ids);
            if (ids.includes(place.peek().query.get('open') ?? '')) full.leave();
            listing.begin(filters.peek(), { isSame: true });
        },
    });
    const pictures = grid({
        listing,
        selection,
        size: () => size.value,
        isWhole: () => isWhole.value,
        onopen: (index) => full.open(index),
        onremove: () => actions.remove(selection.tiles.peek()).catch(report),
    });
    const full = opening({ listing, filters: () => filters.peek(), actions, onclosed: pictures.focus });

    effect(() => {
        const wanted = readFilters(place.value.query);
        if (place.value.view === 'gallery' && !isSame(wanted, filters.peek())) filters.value = wanted;
    });
    effect(() => {
        const wanted = filters.value;
        untracked(() => {
            selection.clear();
            listing.begin(wanted);
        });
    });
    loadFacets().catch(report);
    comeBack(listing, filters);

    const narrow = (/** @type {Partial<Filters>} */ change, { isTyping = false } = {}) =>
        go('gallery', wordsOf({ ...filters.peek(), ...change }), { replace: isTyping });
    const all = async () => selection.add(await listing.range(0, listing.total.peek() ?? 0));
    return h(
        'div',
        { class: 'view gallery' },
        head('Gallery', ...looks()),
        filtering(() => filters.value, narrow),
        status(listing, filters, () => {
            scrollTo({ top: 0, behavior: 'instant' });
            listing.begin(filters.peek());
            loadFacets().catch(report);
            pictures.focus(-1);
        }),
        h(
            'p',
            { id: 'gallery-keys', class: 'unseen' },
            'Arrows go from picture to picture. Space chooses one, Enter opens it, Control and A chooses all.',
        ),
        () => stateOf(listing, filters, narrow),
        h('div', { hidden: () => !listing.total.value }, pictures.element),
        choosing(selection, actions, {
            all,
            compare: async (tiles) => {
                const { openCompare } = await import('./compare.js');
                await openCompare(tiles);
            },
        }),
    );
}

/** How pictures are shown. */
function looks() {
    return [
        h(
            'label',
            { class: 'row tight gallery-size' },
            h('span', { class: 'unseen' }, 'Size of the pictures'),
            h('input', {
                type: 'range',
                min: SMALLEST,
                max: LARGEST,
                step: 10,
                value: () => String(size.value),
                oninput: (/** @type {any} */ event) => {
                    size.value = Number(event.target.value);
                },
            }),
        ),
        button({
            label: 'Whole pictures',
            icon: 'image',
            pressed: () => isWhole.value,
            onclick: () => {
                isWhole.value = !isWhole.peek();
            },
        }),
    ];
}

/**
 * How many there are, and how many more by now.
 * @param {import('./listing.js').Listing} listing
 * @param {{ value: Filters }} filters
 * @param {() => void} again
 */
function status({ total, fresh }, filters, again) {
    const said = () => {
        const number = amount(total.value ?? 0, 'picture');
        return isNarrowed(filters.value) ? `${number} found` : number;
    };
    return h(
        'div',
        { class: 'row gallery-status' },
        h('p', { class: 'dim number', role: 'status' }, () => (total.value ? said() : '')),
        h('div', { role: 'status' }, () =>
            fresh.value
                ? button({ label: amount(fresh.value, 'new picture'), icon: 'up', kind: 'quiet', onclick: again })
                : null,
        ),
    );
}

/**
 * What is there in place of pictures.
 * @param {import('./listing.js').Listing} listing
 * @param {{ value: Filters, peek: () => Filters }} filters
 * @param {(change: Partial<Filters>) => void} narrow
 */
function stateOf({ error, total, begin }, filters, narrow) {
    if (error.value) return problem(error.value, () => begin(filters.peek()));
    if (total.value === null) return loading('Loading the pictures');
    if (total.value) return null;
    if (isNarrowed(filters.value)) {
        return empty({
            icon: 'search',
            title: 'No picture fits',
            text: 'Take a filter away, or look for something else.',
            actions: [button({ label: 'Show all pictures', onclick: () => narrow(ALL) })],
        });
    }
    return empty({
        icon: 'gallery',
        title: 'No pictures yet',
        text: 'All that is made is kept here, with how it was made.',
        actions: [linkButton({ label: 'Make the first one', icon: 'create', kind: 'main', href: linkTo('create') })],
    });
}

/**
 * Go where somebody was, when they come back to the same list.
 * @param {import('./listing.js').Listing} listing
 * @param {{ peek: () => Filters }} filters
 */
function comeBack(listing, filters) {
    const words = () => JSON.stringify(wordsOf(filters.peek()));
    let isOver = left.words !== words();
    effect(() => {
        if (!listing.total.value || isOver) return;
        isOver = true;
        requestAnimationFrame(() => scrollTo({ top: left.top, behavior: 'instant' }));
    });
    let top = 0;
    const note = () => {
        top = scrollY;
    };
    addEventListener('scroll', note, { passive: true });
    ended(() => {
        removeEventListener('scroll', note);
        left = { words: words(), top };
    });
}
