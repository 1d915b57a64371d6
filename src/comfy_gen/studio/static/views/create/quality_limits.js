/** What the quality options may be. Pure. */

import { problemsOf } from './schema.js';

const ALL = {
    properties: {
        retry_limit: { title: 'Tries at most', type: 'integer', minimum: 1, maximum: 10 },
        best_of: { title: 'Make several, take the best', type: 'integer', minimum: 1, maximum: 16 },
        positive_threshold: { title: 'Like the prompt, at least', type: 'number', minimum: 0, maximum: 1 },
        delta_threshold: { title: 'More than the negative one, by', type: 'number', minimum: -1, maximum: 1 },
    },
};

/**
 * Return what stands against the options, each with the name of its field.
 * @param {Record<string, unknown>} quality
 */
export const qualityProblems = (quality) => problemsOf(ALL, quality, new Set());

/**
 * Tell whether anybody looks at the pictures at all.
 * @param {Record<string, any>} quality
 */
export const isJudged = ({ validate, auto_retry: isRetried, best_of: several }) =>
    Boolean(validate || isRetried || (several ?? 1) > 1);
