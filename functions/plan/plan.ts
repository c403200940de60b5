/** Each small thing that the machine of the nightly job asks for: plan, print, judge, end. */
import type { NightPlan, PlanTask, Printed, PrintRequest } from '../core/nightly/tasks.ts';
import { type EndPorts, endRun } from './end-run.ts';
import { type JudgePorts, judgeRun } from './judge-run.ts';
import { type MakePlanPorts, makePlan } from './make-plan.ts';
import { type ListsPorts, noteUnlisted, pointToLists } from './point-to-lists.ts';

export interface PlanPorts extends MakePlanPorts, JudgePorts, EndPorts, ListsPorts {
  /** A statement as Athena takes it. */
  readonly print: (statement: PrintRequest, plan: NightPlan) => string;
}

const runOf = (task: PlanTask) => ('plan' in task ? task.plan : task);

const answer = async (ports: PlanPorts, task: PlanTask): Promise<object> => {
  switch (task.task) {
    case 'plan':
      return makePlan(ports, task);
    case 'print': {
      const printed: Printed = { sql: ports.print(task.statement, task.plan) };
      return printed;
    }
    case 'guard':
      return judgeRun(ports, task.plan, task.queryExecutionId);
    case 'point':
      return pointToLists(ports, task);
    case 'unlisted':
      return noteUnlisted(ports, task);
    case 'refuse':
    case 'finish':
    case 'fail':
      return endRun(ports, task);
  }
};

export const plan =
  (ports: PlanPorts) =>
  async (task: PlanTask): Promise<object> => {
    if (task.step !== undefined) await ports.runs.change(runOf(task), { step: task.step });
    return answer(ports, task);
  };
