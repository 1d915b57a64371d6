/** What somebody thinks of a picture: a favourite has stars and tags; to give it either makes it one. */

import { post, put, remove } from '../../core/api.js';

/** @typedef {Wire<'Tile'>} Tile */
/** @typedef {Pick<Tile, 'favorite_id' | 'rating' | 'tags'>} Opinion */
/** @typedef {{ id: string } & Opinion} Judged */

const MOST = 5;

/**
 * Make it a favourite, or one no more.
 * @param {Judged} one
 * @param {boolean} isFavorite
 * @returns {Promise<Opinion>} What is so from now on.
 */
export async function like(one, isFavorite) {
    if (isFavorite) return one.favorite_id ? one : judge(one, {});
    if (one.favorite_id) await remove(`/favorites/${encodeURIComponent(one.favorite_id)}`);
    return { favorite_id: null, rating: null, tags: [] };
}

/**
 * Give it stars; none means that it is no favourite any more.
 * @param {Judged} one
 * @param {number} rating
 */
export const rate = (one, rating) => (rating ? judge(one, { rating }) : like(one, false));

/**
 * @param {Judged} one
 * @param {readonly string[]} tags
 */
export const tag = (one, tags) => judge(one, { tags: [...tags] });

/**
 * Give it a tag besides those that it has.
 * @param {Judged} one
 * @param {string} word
 */
export const addTag = (one, word) => tag(one, [...new Set([...one.tags, word])]);

/**
 * Return what somebody wrote as a tag can be; empty where it cannot.
 * @param {string} text
 */
export const tagOf = (text) => text.trim().replace(/\s+/g, ' ').slice(0, 64);

/**
 * @param {Judged} one
 * @param {{ rating?: number, tags?: string[] }} said
 * @returns {Promise<Opinion>}
 */
async function judge(one, said) {
    const favorite = /** @type {Wire<'Favorite'>} */ (
        one.favorite_id
            ? await put(`/favorites/${encodeURIComponent(one.favorite_id)}`, said)
            : await post('/favorites', { generation_id: one.id, rating: MOST, ...said })
    );
    return { favorite_id: favorite.id, rating: favorite.rating, tags: favorite.tags };
}
