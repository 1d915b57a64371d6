/** What all pictures of a grid share: Create's draft, a picture that was made before, or what an earlier grid shared. */

import { get } from '../../core/api.js';
import { place } from '../../core/router.js';
import { computed } from '../../core/signals.js';
import { loaded } from '../../parts/states.js';
import { INITIAL, written } from '../create/draft.js';
import { draftOf } from '../create/earlier.js';
import { gridOf } from './kept.js';

/** @typedef {import('../create/draft.js').Draft} Draft */
/** @typedef {{ kind: 'draft' | 'generation' | 'grid', id: string, title: string, draft: Draft }} Base */

/** The base that the address asks for. */
export function baseAsked() {
    const asked = (/** @type {string} */ name) =>
        place.value.view === 'grids' ? (place.value.query.get(name) ?? '') : '';
    const from = computed(() => asked('from'));
    const like = computed(() => asked('like'));
    const earlier = loaded(async (until) => (from.value ? await generationBase(from.value, until) : null));
    const base = computed(() => {
        if (from.value) return earlier.data.value?.id === from.value ? earlier.data.value : null;
        const grid = like.value ? gridOf(like.value) : undefined;
        if (grid) return made('grid', grid.id, grid.name, grid.base);
        return made('draft', '', '', written());
    });
    return { base, error: earlier.error, again: earlier.again };
}

/**
 * @param {string} id
 * @param {AbortSignal} until
 */
async function generationBase(id, until) {
    const [generation, { workflows }] = await Promise.all([
        /** @type {Promise<Wire<'Generation'>>} */ (get(`/library/${encodeURIComponent(id)}`, {}, until)),
        /** @type {Promise<Wire<'Workflows'>>} */ (get('/workflows', {}, until)),
    ]);
    const draft = draftOf(generation, { workflows: workflows.map((one) => one.name), isSame: true });
    return made('generation', id, generation.title || generation.prompt, { ...INITIAL, ...draft });
}

/** @type {(kind: Base['kind'], id: string, title: string, draft: Draft) => Base} */
const made = (kind, id, title, draft) => ({ kind, id, title, draft });
