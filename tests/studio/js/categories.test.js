import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitting } from '../../../src/comfy_gen/studio/static/views/categories/search.js';

const ALL = [
    {
        id: 'portrait',
        type: 'subject',
        display_name: 'Portrait',
        description: 'A person',
        keywords: ['headshot', 'face'],
    },
    { id: 'sunset', type: 'modifier', display_name: 'Sunset', description: 'Evening light', keywords: ['dusk'] },
    { id: 'beach', type: 'setting', display_name: 'Beach', description: 'Sand at sunset or noon', keywords: ['sand'] },
];
const ids = (text, type = '') => fitting(ALL, text, type).map((one) => one.id);

test('all are there where nothing is said', () => assert.deepEqual(ids(''), ['portrait', 'sunset', 'beach']));
test('keywords find, whatever their case', () => assert.deepEqual(ids('HEADSHOT'), ['portrait']));
test('names come before descriptions', () => assert.deepEqual(ids('sunset'), ['sunset', 'beach']));
test('every word must be there', () => assert.deepEqual(ids('sand noon'), ['beach']));
test('types keep the others out', () => assert.deepEqual(ids('sunset', 'setting'), ['beach']));
