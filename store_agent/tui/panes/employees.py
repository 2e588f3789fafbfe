from store_agent.tui.panes.pane import Pane
class EmployeesPane(Pane):
    pass
