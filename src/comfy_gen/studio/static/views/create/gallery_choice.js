/** Has somebody choose one of the pictures that the service has made. */

import { get } from '../../core/api.js';
import { each, h } from '../../core/dom.js';
import { effect, signal } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { openDialog } from '../../parts/dialogs.js';
import { textField } from '../../parts/fields.js';
import { thumbnail } from '../../parts/pictures.js';
import { loaded } from '../../parts/states.js';

/** @typedef {Wire<'Tile'>} Tile */

const AT_ONCE = 48;
const MOST = 480;
/** Milliseconds without typing after which it is searched. */
const PAUSE = 200;

/** @returns {Promise<{ artifactId: string, label: string } | undefined>} Undefined where none was chosen. */
export function chooseFromGallery() {
    return openDialog('Choose a picture', content, { kind: 'wide' });
}

/** @param {(chosen?: { artifactId: string, label: string }) => void} close */
function content(close) {
    const typed = signal('');
    const wanted = signal('');
    const limit = signal(AT_ONCE);
    effect(() => {
        const text = typed.value;
        const waiting = setTimeout(() => {
            wanted.value = text;
        }, PAUSE);
        return () => clearTimeout(waiting);
    });
    const found = loaded(async (until) => {
        const query = { text: wanted.value, limit: limit.value, order: 'newest' };
        return /** @type {Wire<'Tiles'>} */ (await get('/library/tiles', query, until));
    });
    return [
        textField('Search pictures', typed, { type: 'search', placeholder: 'Search by prompt', isBare: true }),
        found.show(({ tiles, total }) => shown(tiles, close, total > tiles.length ? limit : null), 'Pictures'),
    ];
}

/**
 * @param {Tile[]} tiles
 * @param {(chosen?: { artifactId: string, label: string }) => void} close
 * @param {import('../../core/signals.js').Signal<number> | null} limit Null where there are no more.
 */
function shown(tiles, close, limit) {
    const pictures = tiles.filter(({ artifact_id: id, media_type: type }) => id && type?.startsWith('image/'));
    if (!pictures.length) return h('p', { class: 'dim', role: 'status' }, 'There is no such picture here.');
    return [
        h(
            'ul',
            { class: 'create-gallery' },
            each(
                () => pictures,
                ({ id }) => id,
                (tile) => h('li', null, choice(tile, close)),
            ),
        ),
        limit && limit.value < MOST
            ? button({
                  label: 'Show more',
                  onclick: () => {
                      limit.value += AT_ONCE;
                  },
              })
            : null,
    ];
}

/**
 * @param {Tile} tile
 * @param {(chosen?: { artifactId: string, label: string }) => void} close
 */
function choice(tile, close) {
    const label = tile.title || tile.prompt || 'A picture without words';
    const artifact = {
        id: tile.artifact_id ?? '',
        media_type: tile.media_type ?? '',
        width: tile.width,
        height: tile.height,
    };
    return h(
        'button',
        {
            type: 'button',
            class: 'create-gallery-choice',
            title: label,
            onclick: () => close({ artifactId: artifact.id, label }),
        },
        thumbnail(artifact, label),
    );
}
