from store_agent.tui.panes.pane import Pane
class DayPane(Pane):
    pass
