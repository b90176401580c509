import { describe, expect, test } from 'vitest';
import { Audience, Conversation } from './conversation.js';
import { Random } from './random.js';
import { CHECKOUT } from './texts/checkout.js';
import { Slots } from './texts/slots.js';
import { LANGUAGES } from './texts/topic.js';
import { LANES } from './workspaces.js';

const PLACES = /\{[a-z]+\}|\{[^{}"]*\|[^{}"]*\}/;

function conversation(seed: string): Conversation {
  return new Conversation(CHECKOUT, 'en', 'u-1', 1000, new Random(seed));
}

describe('a conversation', () => {
  test('grows turn by turn, and keeps to its names and numbers', () => {
    // Seeds differ in what they talk about; this is one of three turns.
    const talk = ['1', '2', '3', '4', '5', '6', '7', '8', '9']
      .map(conversation)
      .find(({ question }) => question.messages[0]!.content.includes('declined'))!;
    const first = talk.question;
    expect(first.messages.map(({ role }) => role)).toEqual(['user']);
    expect(first.goesOn).toBe(false);
    talk.answered(5_000);
    expect([talk.isReady(4_999), talk.isReady(5_000)]).toEqual([false, true]);
    const second = talk.question;
    expect(second.messages.slice(0, 2)).toEqual([...first.messages, { role: 'assistant', content: first.reply }]);
    expect(second.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(second.leftOut).toBe(first.leftOut);
    expect(second.goesOn).toBe(true);
    talk.answered(6_000);
    talk.answered(7_000);
    expect(talk.isOver).toBe(true);
  });

  test('asks again what was not answered', () => {
    const talk = conversation('1');
    const { messages } = talk.question;
    talk.failed(1_000);
    expect(talk.question.messages).toEqual(messages);
    expect(talk.isReady(999)).toBe(false);
  });
});

test('an audience goes on with whoever is ready, and never asks twice while an answer is under way', () => {
  const random = new Random('audience');
  const audience = new Audience(() => conversation(String(random.next())), random);
  const turns: number[] = [];
  for (let now = 0; now < 500_000; now += 1_000) {
    const talk = audience.next(now);
    expect(talk.isOver).toBe(false);
    expect(talk.isReady(now)).toBe(true);
    turns.push(talk.question.messages.length);
    talk.answered(now + 5_500);
  }
  expect(turns.filter((messages) => messages > 1).length).toBeGreaterThan(100);
});

test('every text of every lane can be filled, in both languages', () => {
  for (const { topic, texts } of LANES) {
    for (const language of LANGUAGES) {
      const slots = new Slots(language, new Random('texts'));
      const all = [
        ...texts[language],
        ...(topic?.scenarios[language].flat(2) ?? []),
        ...(topic?.closings[language] ?? []),
      ];
      expect(all.length).toBeGreaterThan(0);
      for (const text of all) {
        expect(slots.fill(text)).not.toMatch(PLACES);
        expect(/[\u4e00-\u9fff]/.test(text) || language === 'en' || /^[\x20-\x7e]+$/.test(text)).toBe(true);
      }
    }
  }
});

test('a place that nothing fills is a mistake that is told', () => {
  expect(() => new Slots('en', new Random('1')).fill('Hello {nobody}')).toThrow('{nobody}');
});
