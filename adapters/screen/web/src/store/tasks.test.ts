import { describe, expect, it } from 'vitest';
import type { Delivery, DutyView } from '../api/types';
import { incident } from './samples';
import { arrived, seen, tasksOf } from './tasks';

const dutyView = (over: Partial<DutyView> = {}): DutyView => ({
  duty_id: '5', role: 'LEAD', status: 'DUTY_OPEN', clauses: [], receive_by_ms: '0', accept_by_ms: '100', arrive_by_ms: '200', complete_by_ms: '300',
  person: 'ACK_STATE_UNSPECIFIED', field: 'ACK_STATE_UNSPECIFIED', verify_first: false, ...over,
});
function delivery(id: number, kind: Delivery['envelope']['kind'], over: { duty?: DutyView; duty_id?: string; revision?: number; lane?: 'URGENT' | 'ORDINARY'; text?: string } = {}): Delivery {
  return {
    envelope: { delivery_id: String(id), party: 'town', lane: over.lane ?? 'URGENT', sequence: String(id), incident_id: '1', incident_revision: String(over.revision ?? id), kind, purpose: 'ACTUAL',
      duty_id: over.duty_id ?? '5', queued_at_ms: String(id), resent: false },
    body: { incident: incident(1, { severity: over.revision === 9 ? 'EXTREME' : 'MAJOR' }).incident, ...(over.duty === undefined ? {} : { duty: over.duty }), feedback: [], text: over.text ?? '', text_en: '' },
  };
}

describe('a clerk\'s tasks', () => {
  it('are one for each duty: an update shows, and the acknowledgment names the delivery that began it', () => {
    const [task, ...others] = tasksOf([delivery(12, 'UPDATE', { revision: 9, duty: dutyView() }), delivery(11, 'TASK', { revision: 2, duty: dutyView() })]);
    expect(others).toEqual([]);
    expect([task?.ackTo, task?.incident?.severity, task?.deliveries.length]).toEqual(['11', 'EXTREME', 2]);
  });
  it('offer the steps that come next and the deadline that is not met', () => {
    const of = (over: Partial<DutyView>): [string[], number] => {
      const [task] = tasksOf([delivery(1, 'TASK', { duty: dutyView(over) })]);
      return [task?.next ?? [], task?.dueMs ?? -1];
    };
    expect(of({})).toEqual([['ACCEPTED', 'REFUSED', 'PROGRESS'], 100]);
    expect(of({ person: 'ACCEPTED' })).toEqual([['EN_ROUTE', 'ON_SCENE', 'COMPLETED', 'PROGRESS'], 200]);
    expect(of({ person: 'ACCEPTED', field: 'ON_SCENE' })).toEqual([['COMPLETED', 'PROGRESS'], 300]);
    expect(of({ status: 'DUTY_DONE' })).toEqual([[], 0]);
    expect(of({ role: 'INFORM' })).toEqual([[], 0]);
  });
  it('a report upward is accepted and then filed, and asks until it is made', () => {
    const statutory = { rule: 'r', title: '', source: '', kind: 'UPWARD_INITIAL', number: 1, form: ['UPWARD_PHONE'], required: [], due_ms: '777', made_at_ms: '0' };
    const of = (over: Partial<DutyView>): unknown[] => {
      const [task] = tasksOf([delivery(1, 'UPWARD_REPORT', { duty: dutyView({ statutory, ...over }) })]);
      return [task?.kind, task?.next, task?.files?.rule, task?.open, task?.dueMs];
    };
    expect(of({})).toEqual(['UPWARD_REPORT', ['ACCEPTED', 'REFUSED'], 'r', true, 100]);
    expect(of({ person: 'ACCEPTED' })).toEqual(['UPWARD_REPORT', [], 'r', true, 777]);
    expect(of({ person: 'ACCEPTED', status: 'DUTY_DONE', statutory: { ...statutory, made_at_ms: '9' } })).toEqual(['UPWARD_REPORT', [], undefined, false, 0]);
    expect(tasksOf([delivery(1, 'UPWARD_REPORT', { duty: dutyView({ statutory }) }), delivery(2, 'CANCEL')])[0]?.open).toBe(false);
  });
  it('an offer is accepted or refused; a cancelled duty asks nothing more', () => {
    expect(tasksOf([delivery(1, 'TRANSFER', { duty_id: '0' })])[0]?.next).toEqual(['ACCEPTED', 'REFUSED']);
    expect(tasksOf([delivery(1, 'TASK', { duty: dutyView() }), delivery(2, 'CANCEL')])[0]?.open).toBe(false);
  });
  it('stand in the order of need', () => {
    const list = tasksOf([delivery(1, 'TASK', { duty_id: '1', duty: dutyView({ accept_by_ms: '900' }) }), delivery(2, 'TASK', { duty_id: '2', duty: dutyView({ accept_by_ms: '400' }) }),
      delivery(3, 'TASK', { duty_id: '3', lane: 'ORDINARY', duty: dutyView({ accept_by_ms: '10' }) }), delivery(4, 'NOTICE', { duty_id: '0' })]);
    expect(list.map((task) => task.ackTo)).toEqual(['2', '1', '3', '4']);
  });
  it('say SEEN only of what nobody has answered', () => {
    const [fresh] = tasksOf([delivery(1, 'TASK', { duty: dutyView() })]);
    const [taken] = tasksOf([delivery(1, 'TASK', { duty: dutyView({ person: 'ACCEPTED' }) })]);
    expect(fresh && seen(fresh)).toEqual({ delivery_id: '1', state: 'SEEN' });
    expect(taken && seen(taken)).toBeNull();
    expect(arrived(delivery(8, 'NOTICE'))).toEqual({ delivery_id: '8', state: 'RECEIVED' });
  });
});
