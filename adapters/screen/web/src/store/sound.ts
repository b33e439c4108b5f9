// Makes alarms heard: a short tone and, where the browser has a voice, words.

let audio: AudioContext | null = null;

// Browsers let a page sound only after a person has touched it (a kiosk can allow it by --autoplay-policy).
export async function unlock(): Promise<boolean> {
  audio ??= new AudioContext();
  if (audio.state === 'suspended') {
    await Promise.race([audio.resume(), new Promise((done) => setTimeout(done, 300))]);
  }
  return audible();
}
export const audible = (): boolean => audio !== null && audio.state === 'running';

// Rising for what is new, falling twice for what is overdue, low for a lost line.
const TONES = { new: [660, 880], overdue: [880, 587, 880, 587], stale: [330, 247] } as const;
const TONE_S = 0.16;

export function tone(kind: keyof typeof TONES): void {
  if (audio === null || audio.state !== 'running') return;
  TONES[kind].forEach((frequency, n) => {
    if (audio === null) return;
    const start = audio.currentTime + n * TONE_S;
    const oscillator = audio.createOscillator();
    const gain = audio.createGain();
    oscillator.frequency.value = frequency;
    oscillator.type = 'sine';
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(0.2, start + 0.02);
    gain.gain.linearRampToValueAtTime(0, start + TONE_S);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(start);
    oscillator.stop(start + TONE_S);
  });
}

export function say(text: string, language: string): void {
  if (!('speechSynthesis' in window) || !audible()) return;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = language;
  const voice = window.speechSynthesis.getVoices().find((v) => v.lang.startsWith(language.slice(0, 2)));
  if (voice !== undefined) words.voice = voice;
  window.speechSynthesis.speak(words);
}

export function hush(): void {
  if ('speechSynthesis' in window) window.speechSynthesis.cancel();
}
