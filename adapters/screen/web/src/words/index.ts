// Every word of the page is here, in each language once. Chinese first.
import { shallowRef } from 'vue';
import { en } from './en';
import { zh } from './zh';

export type Key = keyof typeof zh;
export type Language = 'zh' | 'en';
const TABLES: Record<Language, Record<Key, string>> = { zh, en };
const KEPT_AS = 'liandong.language';

function kept(): Language {
  try {
    return localStorage.getItem(KEPT_AS) === 'en' ? 'en' : 'zh';
  } catch {
    return 'zh';
  }
}

export const language = shallowRef<Language>('zh');

export function useLanguage(next: Language): void {
  language.value = next;
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
  try {
    localStorage.setItem(KEPT_AS, next);
  } catch {
    // A kiosk without storage starts in Chinese each time.
  }
}

export const startLanguage = (): void => useLanguage(kept());

export function fill(text: string, args: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(args[name] ?? whole));
}

export function t(key: Key, args?: Readonly<Record<string, string | number>>): string {
  const text = TABLES[language.value][key];
  return args === undefined ? text : fill(text, args);
}

// A word whose key is made of a token of the contract, such as "state." + "ACCEPTED". Unknown tokens are shown as they are.
export function token(prefix: string, value: string): string {
  return (TABLES[language.value] as Record<string, string>)[`${prefix}.${value}`] ?? value;
}

export const pick = (zhText: string, enText: string): string => (language.value === 'zh' ? zhText || enText : enText || zhText);
