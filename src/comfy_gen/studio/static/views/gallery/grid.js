/**
 * The grid: of all pictures, those near the window are in the page, and nothing else.
 *
 * To who cannot see it it is one list, of which one picture is current: the focus stays on the list itself, and is not
 * lost when a picture's element is used for another.
 */

import { h, listen } from '../../core/dom.js';
import { effect, ended, signal, untracked } from '../../core/signals.js';
import { report } from '../../parts/toasts.js';
import { justified, squares, target } from './layout.js';
import { idOf, TileElement } from './tile.js';

/** @typedef {import('./layout.js').Layout} Layout */

/**
 * @typedef {object} GridOptions
 * @property {import('./listing.js').Listing} listing
 * @property {import('./selection.js').Selection} selection
 * @property {() => number} size How high a picture is, about.
 * @property {() => boolean} isWhole Whether pictures are shown whole, in rows; otherwise as squares.
 * @property {(index: number) => void} onopen
 * @property {() => void} onremove
 */

const GAP = 6;
/** Of the window's height: above and below it, so much is there already. */
const MARGIN = 0.6;
/** Windows between two frames, above which nobody sees what passes by. */
const FAST = 0.9;
const RESTING = 90;
const NARROW = 620;

/** @param {GridOptions} options */
export function grid({ listing, selection, size, isWhole, onopen, onremove }) {
    const { total, version } = listing;
    const width = signal(0);
    /** @type {Layout} */
    let layout = squares(0, { width: 1, size: 1, gap: GAP });
    let current = 0;
    let isBusy = false;
    /** @type {Map<number, TileElement>} */
    let shown = new Map();
    /** @type {TileElement[]} */
    const spare = [];

    const root = h('div', {
        class: 'gallery-grid',
        role: 'listbox',
        tabindex: '0',
        'aria-label': 'Pictures',
        'aria-multiselectable': 'true',
        'aria-describedby': 'gallery-keys',
        onclick: (/** @type {MouseEvent} */ event) => press(event),
        onkeydown: (/** @type {KeyboardEvent} */ event) => key(event),
    });

    /** Return how far down the window is in the grid. */
    const topOf = () => -root.getBoundingClientRect().top;

    /**
     * Put the elements where the window is.
     * @param {number} top
     * @param {boolean} withPictures
     */
    const draw = (top, withPictures) => {
        const margin = innerHeight * MARGIN;
        const [first, end] = layout.between(top - margin, top + innerHeight + margin);
        const count = total.peek() ?? 0;
        /** @type {Map<number, TileElement>} */
        const next = new Map();
        for (const [index, one] of shown) {
            if (index >= first && index < end) next.set(index, one);
            else spare.push(one);
        }
        for (let index = first; index < end; index += 1) {
            const one = next.get(index) ?? spare.pop() ?? added();
            next.set(index, one);
            const tile = listing.tileAt(index);
            one.show({
                index,
                tile,
                box: layout.boxOf(index),
                total: count,
                isChosen: !!tile && untracked(() => selection.has(tile.id)),
                isCurrent: index === current,
                withPicture: withPictures,
            });
            one.element.hidden = false;
        }
        for (const one of spare) {
            if (one.index < 0) continue;
            one.rest();
            one.element.hidden = true;
        }
        shown = next;
        root.setAttribute('aria-activedescendant', shown.has(current) ? idOf(current) : '');
        if (withPictures && count) listing.need(first, end);
    };

    const added = () => {
        const one = new TileElement();
        root.append(one.element);
        return one;
    };

    const follow = scrolling(topOf, draw);

    effect(() => {
        void version.value;
        const [count, room] = [total.value ?? 0, { width: width.value, size: fitting(size(), width.value), gap: GAP }];
        if (!room.width) return;
        const before = anchorOf(layout, topOf());
        layout = isWhole() ? justified(count, room, listing.ratiosOf) : squares(count, room);
        current = Math.max(0, Math.min(current, count - 1));
        root.style.setProperty('height', `${layout.height}px`);
        if (before && before.index < count) hold(before, layout.boxOf(before.index));
        untracked(() => draw(topOf(), !follow.isFast()));
    });
    effect(() => {
        void selection.tiles.value;
        root.classList.toggle('choosing', selection.size.value > 0);
        untracked(() => draw(topOf(), !follow.isFast()));
    });
    const watching = new ResizeObserver(([entry]) => {
        width.value = Math.floor(entry?.contentRect.width ?? 0);
    });
    watching.observe(root);
    ended(() => watching.disconnect());

    /**
     * Keep what is at the top of the window where it is, when what is above it turns out to be of another height.
     * @param {{ index: number, y: number, by: number }} before
     * @param {import('./layout.js').Box} after
     */
    const hold = (before, after) => {
        const away = after.y + before.by * after.height - before.y;
        if (Math.abs(away) > 1) scrollBy({ top: away, behavior: 'instant' });
    };

    /** @param {MouseEvent} event */
    const press = (event) => {
        const element = event.target instanceof Element ? event.target.closest('.gallery-tile') : null;
        const index = [...shown.values()].find((one) => one.element === element)?.index;
        if (index === undefined) return;
        move(index);
        const isCheck = event.target instanceof Element && !!event.target.closest('.gallery-check');
        if (event.shiftKey) extend(index);
        else if (isCheck || event.ctrlKey || event.metaKey || selection.size.peek()) toggle(index);
        else onopen(index);
    };

    /** @param {KeyboardEvent} event */
    const key = (event) => {
        const count = total.peek() ?? 0;
        if (!count) return;
        const isCommand = event.ctrlKey || event.metaKey;
        const to = isCommand || event.altKey ? null : target(layout, count, current, event.key, innerHeight * 0.8);
        /** @type {Record<string, () => void>} */
        const ways = {
            ' ': () => (event.shiftKey ? extend(current) : toggle(current)),
            Enter: () => onopen(current),
            Escape: () => selection.clear(),
            Delete: () => (selection.size.peek() ? onremove() : undefined),
        };
        if (to !== null) {
            if (event.shiftKey) {
                if (!selection.size.peek()) toggle(current);
                move(to);
                extend(to);
            } else move(to);
        } else if (isCommand && event.key.toLowerCase() === 'a') extendTo(0, count);
        else if (!isCommand && ways[event.key]) ways[event.key]?.();
        else return;
        event.preventDefault();
    };

    /** @param {number} index */
    const move = (index) => {
        current = index;
        const { y, height } = layout.boxOf(index);
        const [top, bottom] = [topOf() + edgeOf(root), topOf() + innerHeight - footOf(root)];
        if (y < top) scrollBy({ top: y - top - GAP, behavior: 'instant' });
        else if (y + height > bottom) scrollBy({ top: y + height - bottom + GAP, behavior: 'instant' });
        draw(topOf(), true);
    };

    /** @param {number} index */
    const toggle = (index) => {
        const tile = listing.tileAt(index);
        if (tile) selection.toggle(tile, index);
    };

    /** @param {number} index */
    const extend = (index) => extendTo(...selection.rangeTo(index));

    /**
     * @param {number} first
     * @param {number} end
     */
    const extendTo = async (first, end) => {
        if (isBusy) return;
        isBusy = true;
        root.setAttribute('aria-busy', 'true');
        try {
            selection.add(await listing.range(first, end));
        } catch (error) {
            report(error);
        } finally {
            isBusy = false;
            root.removeAttribute('aria-busy');
        }
    };

    return {
        element: root,
        /** Go to one, and have the keys begin there. */
        focus: (/** @type {number} */ index) => {
            root.focus({ preventScroll: true });
            if (index >= 0) move(index);
        },
    };
}

/**
 * Return how large pictures are: in a narrow window they are smaller, so that there are still several side by side.
 * @param {number} size
 * @param {number} width
 */
const fitting = (size, width) => Math.round(size * Math.min(1, width / NARROW));

/**
 * Draw once for each frame in which the window was scrolled; while it passes by too fast to be seen, without pictures.
 * @param {() => number} topOf
 * @param {(top: number, withPictures: boolean) => void} draw
 */
function scrolling(topOf, draw) {
    let [last, frame, timer, isFast] = [0, 0, 0, false];
    const step = () => {
        frame = 0;
        const top = topOf();
        isFast = Math.abs(top - last) > innerHeight * FAST;
        last = top;
        draw(top, !isFast);
        clearTimeout(timer);
        if (isFast) timer = setTimeout(settle, RESTING);
    };
    const settle = () => {
        isFast = false;
        last = topOf();
        draw(last, true);
    };
    listen(
        window,
        'scroll',
        () => {
            frame ||= requestAnimationFrame(step);
        },
        { passive: true },
    );
    listen(window, 'resize', () => {
        frame ||= requestAnimationFrame(step);
    });
    ended(() => {
        cancelAnimationFrame(frame);
        clearTimeout(timer);
    });
    return { isFast: () => isFast };
}

/**
 * Return the picture at the top of the window, and how much of it is above; nothing where the grid begins below.
 * @param {Layout} layout
 * @param {number} top
 */
function anchorOf(layout, top) {
    if (top <= 0 || !layout.height) return null;
    const [index, end] = layout.between(top, top + 1 + layout.gap);
    if (index >= end) return null;
    const box = layout.boxOf(index);
    return { index, y: top, by: Math.max(0, Math.min(1, (top - box.y) / box.height)) };
}

/** What covers the top and the foot of the window, as the style sheet says. */
const edgeOf = (/** @type {Element} */ root) => Number.parseFloat(getComputedStyle(root).scrollMarginTop) || 0;
const footOf = (/** @type {Element} */ root) => Number.parseFloat(getComputedStyle(root).scrollMarginBottom) || 0;
