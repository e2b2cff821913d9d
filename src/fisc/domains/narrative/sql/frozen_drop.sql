DROP TRIGGER narrative_reportfigure_frozen ON narrative_reportfigure;
DROP TRIGGER narrative_report_frozen ON narrative_report;
DROP FUNCTION narrative_refuse_change();
