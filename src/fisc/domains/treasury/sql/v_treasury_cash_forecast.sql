-- v_treasury_cash_forecast: one row is one day of one forecast run: the balance at its end and what flows. Amounts in 分.
CREATE VIEW v_treasury_cash_forecast AS
SELECT
    run_id,
    on_day,
    low_fen,
    mid_fen,
    high_fen,
    inflow_fen AS inflow_mid_fen,
    outflow_fen AS outflow_mid_fen
FROM treasury_forecastday;

-- A run is kept as it was made: what was foreseen is judged later by what came.
CREATE FUNCTION treasury_guard_forecast() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: a forecast is kept as it was made', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'treasury_forecast_frozen', TABLE = TG_TABLE_NAME;
END
$$;
CREATE TRIGGER treasury_forecast_frozen BEFORE UPDATE OR DELETE ON treasury_forecastrun
FOR EACH STATEMENT EXECUTE FUNCTION treasury_guard_forecast();
CREATE TRIGGER treasury_forecast_frozen BEFORE UPDATE OR DELETE ON treasury_forecastday
FOR EACH STATEMENT EXECUTE FUNCTION treasury_guard_forecast();
CREATE TRIGGER treasury_forecast_frozen BEFORE UPDATE OR DELETE ON treasury_forecastitem
FOR EACH STATEMENT EXECUTE FUNCTION treasury_guard_forecast();
