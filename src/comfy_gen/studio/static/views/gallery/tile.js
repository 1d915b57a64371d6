/** One picture of the grid. Its element is used again for another as people scroll: nothing is made meanwhile. */

import { thumbnailOf } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { amount } from '../../core/words.js';
import { icon } from '../../parts/icons.js';
import { nameOf } from './naming.js';

/** @typedef {Wire<'Tile'>} Tile */
/** @typedef {import('./layout.js').Box} Box */
/** @typedef {{ index: number, tile: Tile | undefined, box: Box, total: number, isChosen: boolean, isCurrent: boolean, withPicture: boolean }} Shown */

export class TileElement {
    constructor() {
        this.picture = h('img', { alt: '', decoding: 'async', draggable: 'false' });
        this.file = h('span', { class: 'gallery-file' }, icon('play', 'large'));
        this.heart = h('span', { class: 'gallery-mark' }, icon('heart'));
        this.stars = h('span', { class: 'gallery-mark number' });
        this.files = h('span', { class: 'gallery-mark number' });
        this.failed = h('span', { class: 'gallery-mark bad' }, icon('warning'));
        this.element = h(
            'div',
            { class: 'gallery-tile', role: 'option' },
            this.picture,
            this.file,
            h('span', { class: 'gallery-check' }, icon('check')),
            h('span', { class: 'gallery-marks' }, this.failed, this.files, this.heart, this.stars),
        );
        this.index = -1;
        /** What is shown, so that nothing is written that is there already. */
        this.said = '';
        this.place = '';
        this.source = '';
    }

    /**
     * @param {Shown} shown
     */
    show({ index, tile, box, total, isChosen, isCurrent, withPicture }) {
        this.index = index;
        this.put(box);
        const said = [tile && JSON.stringify(tile), index, total, isChosen, isCurrent].join();
        if (said !== this.said) {
            this.said = said;
            this.tell(index, tile, total);
            this.element.setAttribute('aria-selected', String(isChosen));
            this.element.classList.toggle('current', isCurrent);
            this.element.classList.toggle('waiting', !tile);
        }
        const isPicture = !!tile?.has_thumbnail && tile.artifact_id !== null;
        if (withPicture || !isPicture) this.load(isPicture ? thumbnailOf(tile.artifact_id ?? '') : '');
    }

    /** Show nothing: it will be used again. */
    rest() {
        this.index = -1;
        this.said = '';
        this.element.removeAttribute('id');
        this.load('');
    }

    /** @param {Box} box */
    put({ x, y, width, height }) {
        const place = `${x},${y},${width},${height}`;
        if (place === this.place) return;
        this.place = place;
        const { style } = this.element;
        style.setProperty('transform', `translate(${x}px, ${y}px)`);
        style.setProperty('width', `${width}px`);
        style.setProperty('height', `${height}px`);
    }

    /**
     * @param {number} index
     * @param {Tile | undefined} tile
     * @param {number} total
     */
    tell(index, tile, total) {
        this.element.id = idOf(index);
        this.element.setAttribute('aria-posinset', String(index + 1));
        this.element.setAttribute('aria-setsize', String(total));
        this.element.setAttribute('aria-label', tile ? textOf(tile) : `Picture ${index + 1}, loading`);
        this.element.title = tile ? nameOf(tile) : '';
        this.heart.hidden = !tile?.favorite_id;
        this.stars.hidden = !tile?.rating;
        this.stars.textContent = `${tile?.rating ?? ''} ★`;
        this.files.hidden = (tile?.files ?? 1) < 2;
        this.files.textContent = `×${tile?.files ?? ''}`;
        this.failed.hidden = tile?.passed !== false;
        this.file.hidden = !tile || tile.has_thumbnail;
    }

    /** @param {string} source */
    load(source) {
        if (source === this.source) return;
        this.source = source;
        if (source) this.picture.setAttribute('src', source);
        else this.picture.removeAttribute('src');
        this.picture.hidden = !source;
    }
}

/** @param {number} index */
export const idOf = (index) => `gallery-${index}`;

/**
 * Say what a picture is, to those who cannot see it.
 * @param {Tile} tile
 */
export function textOf(tile) {
    const { favorite_id: favorite, rating, files, passed } = tile;
    return [
        nameOf(tile),
        favorite && (rating ? `favourite, ${amount(rating, 'star')}` : 'favourite'),
        files > 1 && `${files} files`,
        passed === false && 'did not pass',
    ]
        .filter(Boolean)
        .join(', ');
}
